"""What differs between Git and the cluster, who made it differ, and what would undo it; pure."""
