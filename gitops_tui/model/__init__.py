"""The words everybody shares: keys, statuses, Application, Operation, Plan, Snapshot. No I/O, no rules."""
