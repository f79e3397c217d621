"""The text of the bundled example: the openings of four chapters of a book in the public domain.

Lewis Carroll, Alice's Adventures in Wonderland, 1865.
"""

from typing import Final

__all__ = ["BOOK", "CHAPTERS"]

BOOK: Final = "Alice's Adventures in Wonderland"

#: Title and opening of each chapter.
CHAPTERS: Final[tuple[tuple[str, str], ...]] = (
    (
        "Down the Rabbit-Hole",
        """
        Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do:
        once or twice she had peeped into the book her sister was reading, but it had no pictures or
        conversations in it, "and what is the use of a book," thought Alice "without pictures or conversations?"

        So she was considering in her own mind (as well as she could, for the hot day made her feel very sleepy
        and stupid), whether the pleasure of making a daisy-chain would be worth the trouble of getting up and
        picking the daisies, when suddenly a White Rabbit with pink eyes ran close by her.
        """,
    ),
    (
        "The Pool of Tears",
        """
        "Curiouser and curiouser!" cried Alice (she was so much surprised, that for the moment she quite forgot
        how to speak good English); "now I'm opening out like the largest telescope that ever was! Good-bye,
        feet!" (for when she looked down at her feet, they seemed to be almost out of sight, they were getting
        so far off). "Oh, my poor little feet, I wonder who will put on your shoes and stockings for you now,
        dears? I'm sure I shan't be able!"
        """,
    ),
    (
        "A Caucus-Race and a Long Tale",
        """
        They were indeed a queer-looking party that assembled on the bank - the birds with draggled feathers, the
        animals with their fur clinging close to them, and all dripping wet, cross, and uncomfortable.

        The first question of course was, how to get dry again: they had a consultation about this, and after a
        few minutes it seemed quite natural to Alice to find herself talking familiarly with them, as if she had
        known them all her life.
        """,
    ),
    (
        "The Rabbit Sends in a Little Bill",
        """
        It was the White Rabbit, trotting slowly back again, and looking anxiously about as it went, as if it had
        lost something; and she heard it muttering to itself "The Duchess! The Duchess! Oh my dear paws! Oh my
        fur and whiskers! She'll get me executed, as sure as ferrets are ferrets! Where can I have dropped them,
        I wonder?"
        """,
    ),
)
