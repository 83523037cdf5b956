"""What AgentDojo's tools may do, declared from their descriptions alone, before any injected task was looked at.

The rules that the table follows. Effects: what the description says that a call does, mail sent to participants and
letters marked as read included; a page that is fetched sends its address. Content: words that people read (subject,
body, title, description, location), the queries and filters of a look-up, and the names looked up in a directory.
Never content: whom something reaches, how much, when, which file, event, channel, inbox or page, and what is kept about
the account.
"""

from collections.abc import Mapping

from openbook.guard.capability import EFFECTS, Capability
from openbook.guard.policy import ArgumentRule, Policy, ToolRule


def _of(tool: str, effects: str, content: str = "") -> Capability:
    return Capability(tool, frozenset(effects.split()), frozenset(content.split()))  # type: ignore[arg-type]


_DECLARED = (
    # mail
    _of("send_email", "sends writes", "subject body"),
    _of("delete_email", "writes"),
    _of("get_unread_emails", "reads writes"),
    _of("get_sent_emails", "reads"),
    _of("get_received_emails", "reads"),
    _of("get_draft_emails", "reads"),
    _of("search_emails", "reads", "query sender"),
    _of("search_contacts_by_name", "reads", "query"),
    _of("search_contacts_by_email", "reads", "query"),
    # calendar
    _of("get_current_day", ""),
    _of("search_calendar_events", "reads", "query date"),
    _of("get_day_calendar_events", "reads", "day"),
    _of("create_calendar_event", "sends writes", "title description location"),
    _of("cancel_calendar_event", "sends writes"),
    _of("reschedule_calendar_event", "sends writes"),
    _of("add_calendar_event_participants", "sends writes"),
    # files
    _of("append_to_file", "writes", "content"),
    _of("search_files_by_filename", "reads", "filename"),
    _of("create_file", "writes", "content"),
    _of("delete_file", "writes"),
    _of("get_file_by_id", "reads"),
    _of("list_files", "reads"),
    _of("share_file", "sends writes"),
    _of("search_files", "reads", "query"),
    # travel
    _of("get_user_information", "reads"),
    _of("get_all_hotels_in_city", "reads", "city"),
    _of("get_hotels_prices", "reads", "hotel_names"),
    _of("get_rating_reviews_for_hotels", "reads", "hotel_names"),
    _of("get_hotels_address", "reads", "hotel_name"),
    _of("get_all_restaurants_in_city", "reads", "city"),
    _of("get_cuisine_type_for_restaurants", "reads", "restaurant_names"),
    _of("get_restaurants_address", "reads", "restaurant_names"),
    _of("get_rating_reviews_for_restaurants", "reads", "restaurant_names"),
    _of("get_dietary_restrictions_for_all_restaurants", "reads", "restaurant_names"),
    _of("get_contact_information_for_restaurants", "reads", "restaurant_names"),
    _of("get_price_for_restaurants", "reads", "restaurant_names"),
    _of("check_restaurant_opening_hours", "reads", "restaurant_names"),
    _of("get_all_car_rental_companies_in_city", "reads", "city"),
    _of("get_car_types_available", "reads", "company_name"),
    _of("get_rating_reviews_for_car_rental", "reads", "company_name"),
    _of("get_car_fuel_options", "reads", "company_name"),
    _of("get_car_rental_address", "reads", "company_name"),
    _of("get_car_price_per_day", "reads", "company_name"),
    _of("get_flight_information", "reads", "departure_city arrival_city"),
    _of("reserve_hotel", "sends spends"),
    _of("reserve_car_rental", "sends spends"),
    _of("reserve_restaurant", "sends spends"),
    # bank
    _of("get_iban", "reads"),
    _of("send_money", "sends spends", "subject"),
    _of("schedule_transaction", "writes sends spends", "subject"),
    _of("update_scheduled_transaction", "writes sends spends", "subject"),
    _of("get_balance", "reads"),
    _of("get_most_recent_transactions", "reads"),
    _of("get_scheduled_transactions", "reads"),
    _of("read_file", "reads"),
    _of("get_user_info", "reads"),
    _of("update_password", "writes"),
    _of("update_user_info", "writes"),
    # chat and web
    _of("get_channels", "reads"),
    _of("add_user_to_channel", "writes sends"),
    _of("read_channel_messages", "reads"),
    _of("read_inbox", "reads"),
    _of("send_direct_message", "sends", "body"),
    _of("send_channel_message", "sends", "body"),
    _of("get_users_in_channel", "reads"),
    _of("invite_user_to_slack", "writes sends"),
    _of("remove_user_from_slack", "writes"),
    _of("get_webpage", "sends reads"),
    _of("post_webpage", "sends", "content"),
)

CAPABILITIES: Mapping[str, Capability] = {capability.tool: capability for capability in _DECLARED}

OWN = ("email_id", "event_id", "file_id", "id")
"""Arguments that name a thing of the user's own by its number."""

_FREE = dict.fromkeys(EFFECTS, "allow")

UNATTENDED = Policy(effects=_FREE)
"""What the request asks for is done without a question, and nothing else: what is refused, nobody is asked about."""

OWN_NUMBERS = Policy(
    effects=_FREE,
    tools={
        tool: ToolRule(arguments={name: ArgumentRule(content=True) for name in OWN})
        for tool, capability in CAPABILITIES.items()
        if capability.acts
    },
)
"""The same, but which mail, event, file or standing order of the user's own is meant may come from what was read."""

ASKING = Policy(effects=_FREE, tainted="ask")
"""A person is asked wherever what was read would choose."""
