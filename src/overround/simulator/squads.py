"""Who plays: every club's squad, the same in all its matches, and what each player's part in the play is."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from overround.bookmakers.base import SimulatedPlayer
from overround.simulator import chance


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# A first name is never a last name, so no two players are the same words in another order.
_FIRST = _words(
    """
    Aaron Abdul Adam Adrian Alan Albert Alessio Alex Amadou Anders Andre Angel Anton Bilal Boris Bruno Callum
    Carlos Cesar Chidi Chris Daniel Dario David Diego Dimitri Emeka Emil Emre Enzo Erik Fabio Felipe Femi Filip
    Gabriel Goran Hakan Hamza Hugo Ibrahim Igor Ivan Jakub Jamal Javier Joao Jonas Jordan Julian Kacper Karim
    Kofi Kwame Lars Leon Luca Lukas Malik Marco Mateo Mikel Milan Nico Noah Obinna Oscar Pablo Pedro Rafael
    Ricardo Robin Samir Sergio Simon Stefan Tariq Thiago Tobias Tomas Tunde Uche Victor Yusuf Zoran
    """
)
_LAST = _words(
    """
    Abara Achebe Adeyemi Akande Almeida Andersson Antunes Appiah Araujo Babic Balogun Barbosa Becker Bello Berg
    Bianchi Boateng Bosman Brandt Calvo Cardoso Castillo Coleman Conti Correia Cruz Dahl Danso Delgado Demir
    Diallo Diarra Dragovic Eze Farkas Fernandes Ferrari Fischer Fofana Foster Garcia Gomes Greco Guerrero Haddad
    Hansen Herrera Hoffman Horvat Hussain Idowu Jensen Johnson Kaya Keita Kovac Kruger Larsen Lopes Lozano
    Mancini Mensah Molina Morales Mwangi Navarro Ndiaye Nielsen Novak Nowak Obi Ochieng Okafor Oliveira Olsen
    Osei Owusu Pereira Petrov Popescu Quaye Ramos Ribeiro Rossi Sanchez Santos Sarr Schmidt Silva Sorensen
    Sousa Suarez Toure Traore Vargas Vega Vidal Wagner Walker Weber Yilmaz Zimmer
    """
)
_IDS_FROM, _IDS = 100_000, 2_800_000


class Part(msgspec.Struct, frozen=True, gc=False):
    """A player's part in his team's play."""

    goals: float  # share of the team's goals; the rest are own goals and players not listed
    assists: float
    cards: float
    shots: float
    passes: float  # in a match, on average
    tackles: float


_PARTS = (
    Part(0.0, 0.0, 0.03, 0.0, 26, 0.1),
    Part(0.02, 0.05, 0.11, 0.03, 48, 2.2),
    Part(0.02, 0.02, 0.13, 0.03, 55, 1.8),
    Part(0.03, 0.02, 0.12, 0.04, 57, 1.7),
    Part(0.03, 0.06, 0.1, 0.04, 46, 2.1),
    Part(0.04, 0.06, 0.12, 0.06, 52, 2.4),
    Part(0.07, 0.1, 0.1, 0.1, 47, 1.8),
    Part(0.08, 0.12, 0.07, 0.1, 40, 1.3),
    Part(0.11, 0.11, 0.06, 0.12, 30, 1.1),
    Part(0.13, 0.09, 0.05, 0.13, 26, 0.9),
    Part(0.2, 0.07, 0.05, 0.17, 20, 0.7),
    Part(0.13, 0.04, 0.03, 0.1, 10, 0.4),
    Part(0.08, 0.03, 0.02, 0.06, 12, 0.5),
)


class Member(msgspec.Struct, frozen=True, gc=False):
    """One player of a match and his part."""

    player: SimulatedPlayer
    part: Part


@lru_cache(4_096)
def squads(seed: int, competition: str, home: str, away: str) -> tuple[Member, ...]:
    """Return both squads, home first, each in the order of its players' positions."""
    members: list[Member] = []
    names: set[str] = set()
    clubs: tuple[tuple[Literal["home", "away"], str], ...] = (("home", home), ("away", away))
    for side, club in clubs:
        for place, part in enumerate(_PARTS):
            player = _player(seed, f"{competition}|{club}|{place}", side, names)
            names |= {player.name, player.sportradar_id}
            members.append(Member(player, _own(part, seed, f"{competition}|{club}|{place}|form")))
    return tuple(members)


def _player(seed: int, key: str, side: Literal["home", "away"], taken: set[str]) -> SimulatedPlayer:
    """Return the first player of this place in the squad whom nobody else in the match is called like."""
    return next(
        SimulatedPlayer(name, number, side)
        for name, number in _candidates(seed, key)
        if name not in taken and number not in taken
    )


def _candidates(seed: int, key: str) -> Iterator[tuple[str, str]]:
    turn = 0
    while True:
        first, last = (
            _drawn(seed, f"{key}|{turn}|{which}", names) for which, names in (("f", _FIRST), ("l", _LAST))
        )
        number = _IDS_FROM + int(chance.uniform(seed, f"{key}|{turn}|id") * _IDS)
        yield f"{first} {last}", str(number)
        turn += 1


def _drawn(seed: int, key: str, names: Sequence[str]) -> str:
    return names[int(chance.uniform(seed, key) * len(names))]


def _own(part: Part, seed: int, key: str) -> Part:
    """Return a part as this player fills it, up to a fifth more or less; shares of a team stay below one."""
    more = 0.8 + 0.2 * chance.uniform(seed, key)
    return Part(*(value * more for value in msgspec.structs.astuple(part)))
