"""What stands in pictures as words: emoji that are made of several, and the summaries of large graphs."""

import pytest

from cascades_sdk.compiler import build_dag_from_flow, flow, when
from cascades_sdk.graph import Call, Dag, Group, TaskDefinition
from cascades_sdk.views import columns, drawing_of, to_dot, to_text
from test_views import chain, deep, fan, fetch, is_long


class TestEmoji:
    @pytest.mark.parametrize(
        "emoji",
        [
            "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
            "\N{WOMAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\u200d\N{PERSONAL COMPUTER}",
            "\N{WAVING WHITE FLAG}\ufe0f\u200d\N{RAINBOW}",
            "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
            "\N{SLIGHTLY SMILING FACE}\u200d\N{LEFT RIGHT ARROW}\ufe0f",
            "\N{HEAVY BLACK HEART}\ufe0f",
            "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
            "\N{WHITE UP POINTING INDEX}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
            "\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
            "1\ufe0f\N{COMBINING ENCLOSING KEYCAP}",
            "\N{DOUBLE EXCLAMATION MARK}\ufe0f",
            "\N{INFORMATION SOURCE}\ufe0f",
            "\N{WOMAN}\u200d\N{STAFF OF AESCULAPIUS}",
            "\N{WOMAN}\u200d\N{STAFF OF AESCULAPIUS}\ufe0f",
            "\N{PERSON WITH BALL}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\u200d\N{FEMALE SIGN}\ufe0f",
            "\N{HEAVY BLACK HEART}\ufe0f\u200d\N{FIRE}",
            "ab\ufe0f",
            "\N{RIGHTWARDS ARROW}\ufe0f ",
        ],
    )
    def test_an_emoji_that_is_made_of_several_is_whole_and_two_columns_wide(self, emoji: str) -> None:
        assert columns(emoji) == 2
        dag = Dag("f", (), (TaskDefinition(emoji, "m:s"),), (Call(emoji),), (Group("g", None, (0,)),))
        rows = to_text(dag).splitlines()[1:]
        assert rows[1] == f"║  ○ node-0 {emoji} ║"
        assert {columns(row) for row in rows} == {16}
        assert emoji in to_dot(dag)

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("a\u200db", "a\\u200db"),
            ("\u200d\N{WOMAN}", "\\u200d\N{WOMAN}"),
            ("\N{WOMAN}\u200d", "\N{WOMAN}\\u200d"),
            ("\N{WOMAN}\u200db", "\N{WOMAN}\\u200db"),
            ("\N{WOMAN}\u200d\u200d\N{WOMAN}", "\N{WOMAN}\\u200d\\u200d\N{WOMAN}"),
            ("<\u200d<", "<\\u200d<"),
            *(
                (
                    f"{before}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\u200d\N{WOMAN}",
                    f"{before}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\\u200d\N{WOMAN}",
                )
                for before in ("", "x")
            ),
            ("a→\u200d→b", "a→\\u200d→b"),
            ("©\u200d©", "©\\u200d©"),
            ("█\u200d─", "█\\u200d─"),
            ("\N{WOMAN}\u200d→", "\N{WOMAN}\\u200d→"),
            ("♀\u200d\N{WOMAN}", "♀\\u200d\N{WOMAN}"),
            ("数\u200d数", "数\\u200d数"),
            ("a\ufe0f\u200d\N{WOMAN}", "a\ufe0f\\u200d\N{WOMAN}"),
            ("\N{WOMAN}\u200d\N{WOMAN}\u202e", "\N{WOMAN}\u200d\N{WOMAN}\\u202e"),
        ],
    )
    def test_a_joiner_that_joins_no_symbols_is_escaped(self, name: str, shown: str) -> None:
        assert f"○ node-0 {shown}\n" in to_text(chain(1, name))

    @pytest.mark.parametrize("text", ["©\u200d©", "→\u200d→", "♀\u200d♀"])
    def test_a_joiner_that_joins_nothing_hides_no_column(self, text: str) -> None:
        assert columns(text) == 2

    def test_an_emoji_that_is_cut_leaves_no_joiner_behind(self) -> None:
        name = "n" * 70 + "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"
        assert f" node-0 {'n' * 70}\N{WOMAN}…\n" in to_text(chain(1, name))
        assert f" node-0 {'n' * 69}\N{WOMAN}…\n" in to_text(chain(1, name[1:] + "n"))
        speaks = "n" * 68 + "\N{EYE}\ufe0f\u200d\N{LEFT SPEECH BUBBLE}\ufe0f"
        assert f" node-0 {'n' * 68}\N{EYE}\ufe0f…\n" in to_text(chain(1, speaks))
        assert f" node-0 {'n' * 67}\N{EYE}\ufe0f\u200d\N{LEFT SPEECH BUBBLE}\ufe0f\n" in to_text(chain(1, speaks[1:]))


class TestSummaries:
    def test_beyond_fifty_nodes_layers_are_told(self) -> None:
        assert drawing_of(fan(48)) is not None
        assert drawing_of(fan(49)) is None
        assert to_text(fan(100)).splitlines() == [
            "fan: 102 nodes in 3 layers",
            "layer 0  1 × step",
            "layer 1  100 × step",
            "layer 2  1 × step",
        ]

    def test_layers_that_are_alike_are_one_line_however_many_they_are(self) -> None:
        assert to_text(chain(100_000)).splitlines() == [
            "chain: 100000 nodes in 100000 layers",
            "layers 0-99999, each  1 × step",
        ]

    def test_what_is_too_much_is_counted(self) -> None:
        tasks = tuple(TaskDefinition(f"t{at:02}", "m:t") for at in range(60))
        wide = Dag("wide", tasks=tasks, nodes=tuple(Call(each.name) for each in tasks))
        assert to_text(wide).splitlines()[1:] == ["layer 0  1 × t00, 1 × t01, 1 × t02, 1 × t03, and 56 others"]
        nodes = tuple(Call(each.name, after=(at - 1,) if at else ()) for at, each in enumerate(tasks))
        long = Dag("long", tasks=tasks, nodes=nodes, groups=tuple(Group(f"g{at}") for at in range(25)))
        lines = to_text(long).splitlines()
        assert lines[24:27] == ["layer 23  1 × t23", "and 36 more lines of layers", "groups  1 × g0"]
        assert lines[-1] == "and 1 more kind of group"

    def test_what_is_left_out_of_a_layer_is_counted_by_kind(self) -> None:
        tasks = tuple(TaskDefinition(f"t{at}", "m:t") for at in range(6))
        nodes = tuple(Call(task.name) for at, task in enumerate(tasks) for _ in range(13 - at))
        told = "layer 0  13 × t0, 12 × t1, 11 × t2, 10 × t3, and 17 others of 2 kinds"
        assert to_text(Dag("f", tasks=tasks, nodes=nodes)).splitlines()[1:] == [told]
        fewer = Dag("f", tasks=tasks[:5], nodes=nodes[:-8])
        assert to_text(fewer).splitlines()[1:] == [told.replace("17 others of 2 kinds", "9 others of 1 kind")]

    def test_choices_and_branches_are_counted_by_what_decides_and_not_one_by_one(self) -> None:
        @flow
        def shop(number: int) -> str:
            return when(is_long(fetch(number)), then=lambda: fetch(1), otherwise=lambda: fetch(2))

        @flow
        def shops(quick: bool = True) -> list[str]:
            told = [shop(number) for number in range(12)]
            return [*told, when(quick, then=lambda: fetch(3), otherwise=lambda: fetch(4))]

        assert to_text(build_dag_from_flow(shops).unwrap()).splitlines() == [
            "shops: 63 nodes in 4 layers; inputs: quick = true",
            "layer 0  14 × fetch",
            "layer 1  12 × is_long, 1 × choice on input quick",
            "layer 2  24 × fetch",
            "layer 3  12 × choice on is_long",
            "groups  12 × shop",
            "        12 × if is_long",
            "        12 × unless is_long",
            "         1 × if input quick",
            "         1 × unless input quick",
        ]

    def test_too_many_boxes_inside_each_other_are_no_picture(self) -> None:
        assert drawing_of(deep(12)) is not None
        assert to_text(deep(13)).splitlines()[1:] == ["layer 0  1 × step", "groups  13 × g"]
