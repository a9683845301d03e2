"""The registry that is edited meanwhile: what people vote for is renamed and merged, other modules come and ship."""

import json
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any


class Merge(Enum):
    """How far the votes of a family are one."""

    APART = "each member has votes of its own"
    UNDER_WAY = "a worker may know by now that it is one feature"
    DONE = "the store has moved the votes"


@dataclass(eq=False)
class Family:
    """Features that are one, or will be: the ids of each member, the current one last."""

    members: list[list[str]]
    merge: Merge = Merge.DONE
    shipped: bool = False


@dataclass
class Declared:
    """What the file says. An edit returns the text of the new one."""

    dice: Random
    families: list[Family] = field(default_factory=list)
    #: Modules that none of the people vote for, to be released.
    quiet: list[str] = field(default_factory=list)
    _modules: dict[str, dict[str, Any]] = field(default_factory=dict)
    _number: int = 0

    def __post_init__(self) -> None:
        for _ in range(4):
            self._add_family(1)
            self._add_family(2)
        self.quiet += [self._add("q") for _ in range(4)]

    @property
    def text(self) -> str:
        """The file: JSON is YAML."""
        return json.dumps({"modules": list(self._modules.values())})

    @property
    def buckets(self) -> dict[str, bool]:
        """Whether each module has shipped."""
        return {slug: "api_endpoint" in module for slug, module in self._modules.items()}

    @property
    def votable(self) -> list[Family]:
        """What can be voted for."""
        return [family for family in self.families if not family.shipped]

    def edit(self) -> str:
        """Change one thing; returns what that is: for a release "released" and the slug."""
        edits = [self._rename, self._rename, self._merge, self._release, self._relabel, self._ship_family]
        said = self.dice.choice(edits)()
        while len(self.votable) < 6:
            self._add_family(self.dice.choice([1, 2]))
        return said

    def _rename(self) -> str:
        family = self.dice.choice(self.votable)
        ids = self.dice.choice(family.members)
        old = ids[-1]
        if old not in self._modules:  # merged into the other member
            ids = family.members[-1]
            old = ids[-1]
        self._number += 1
        new = f"{old.partition('_')[0]}_{self._number}"
        module = self._modules.pop(old)
        self._modules[new] = module | {"slug": new, "formerly": [*module.get("formerly", []), old]}
        ids.append(new)
        return f"renamed {old}"

    def _merge(self) -> str:
        apart = [family for family in self.votable if family.merge is Merge.APART]
        if not apart:
            self._add_family(2)
            return "added"
        family = self.dice.choice(apart)
        family.merge = Merge.UNDER_WAY
        old, new = (ids[-1] for ids in family.members)
        gone, stays = self._modules.pop(old), self._modules[new]
        stays["formerly"] = [*stays.get("formerly", []), *gone.get("formerly", []), old]
        return f"merged {old}"

    def _release(self) -> str:
        slug = self.dice.choice(self.quiet)
        self.quiet.remove(slug)
        self._ship(slug)
        self.quiet.append(self._add("q"))
        return f"released {slug}"

    def _ship_family(self) -> str:
        family = self.dice.choice(self.votable)
        if family.merge is not Merge.DONE:
            return self._relabel()
        family.shipped = True
        self._ship(family.members[-1][-1])
        return f"released {family.members[-1][-1]}"

    def _ship(self, slug: str) -> None:
        del self._modules[slug]["coming_soon"]
        self._modules[slug]["api_endpoint"] = f"/api/{slug}"

    def _relabel(self) -> str:
        self._number += 1
        slug = self.dice.choice(list(self._modules))
        self._modules[slug]["label"] = _label(f"{slug} {self._number}")
        return f"relabelled {slug}"

    def _add_family(self, members: int) -> None:
        ids = [self._add("f") for _ in range(members)]
        self.families.append(Family([[each] for each in ids], Merge.DONE if members == 1 else Merge.APART))

    def _add(self, stem: str) -> str:
        self._number += 1
        slug = f"{stem}{self._number}"
        self._modules[slug] = {"slug": slug, "category": "tools", "label": _label(slug), "coming_soon": True}
        return slug


def _label(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}
