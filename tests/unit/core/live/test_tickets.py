"""Tickets: single use, thirty seconds, and not without end."""

from custom_components.grok_assist.core.live.tickets import MOST_WAITING, TICKET_S, Tickets


def test_ticket_when_used_then_once() -> None:
    """What it was good for, and then nothing."""
    tickets = Tickets[str]()
    ticket = tickets.issue("anna", 0.0)
    assert len(ticket) == 22
    assert tickets.take("wrong", 1.0) is None
    assert tickets.take(ticket, 1.0) == "anna"
    assert tickets.take(ticket, 1.0) is None


def test_ticket_when_old_then_nothing() -> None:
    """At the thirtieth second it is over, and gone."""
    tickets = Tickets[str]()
    first, second = tickets.issue("anna", 0.0), tickets.issue("ben", 0.0)
    assert tickets.take(first, TICKET_S - 0.1) == "anna"
    assert tickets.take(second, TICKET_S) is None
    assert tickets.take(second, 1.0) is None


def test_tickets_when_many_wait_then_the_oldest_make_room() -> None:
    """Nobody fills the memory with them; no two are alike."""
    tickets = Tickets[int]()
    given = [tickets.issue(number, 0.0) for number in range(MOST_WAITING + 1)]
    assert len(set(given)) == MOST_WAITING + 1
    assert tickets.take(given[0], 0.0) is None
    assert tickets.take(given[1], 0.0) == 1
