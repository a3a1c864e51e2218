"""One module a group of cases: ``GROUP`` (its name), ``FILE`` (below the cases' folder), ``run(case)``, which raises
where the answer is another, and ``SKIP`` (id to reason). ``skipped(case)`` is the same as a rule, where there is one.
"""
