"""From values to tagged text: pure functions, one module a subject. A tag is a name in `gitops_tui.tui.theme.INKS`."""
