"""The recorded cases as tests, where they are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.conformance.runner import HOW_TO_GET_CASES, cases_folder, cases_of, modules, reason_to_skip


def _parameters() -> Iterator[Any]:
    folder = cases_folder()
    if folder is None:
        return
    for module in modules():
        if not (folder / module.FILE).is_file():
            continue
        for case in cases_of(module, folder):
            reason = reason_to_skip(module, case)
            marks = [pytest.mark.skip(reason=reason)] if reason else []
            yield pytest.param(module, case, id=f"{module.GROUP}:{case['id']}", marks=marks)


@pytest.mark.skipif(cases_folder() is None, reason=HOW_TO_GET_CASES)
@pytest.mark.parametrize(("module", "case"), list(_parameters()))
def test_answers_as_argo_cd_does(module: ModuleType, case: dict[str, Any]) -> None:
    module.run(case)
