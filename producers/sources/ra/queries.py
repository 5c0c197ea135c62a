"""Queries of the GraphQL endpoint. They request only fields that `events` reads."""

ENDPOINT = "https://ra.co/graphql"
PAGE_SIZE = 100  # the most that a listing gives

EVENT_DETAIL = """
query EventDetail($id: ID!) {
  event(id: $id) {
    id title date startTime endTime contentUrl lineup attending interestedCount isFestival cost
    area { name ianaTimeZone country { name } }
    venue {
      id name address
      area { name ianaTimeZone country { name } }
      location { latitude longitude }
    }
    artists { id name contentUrl }
    promoters { id name }
    genres { id name }
  }
}
"""

EVENT_LISTING = """
query EventListing($filters: FilterInputDtoInput, $pageSize: Int, $page: Int) {
  eventListings(filters: $filters, pageSize: $pageSize, page: $page) {
    data {
      event {
        id title date startTime endTime contentUrl attending cost
        venue { id name area { name ianaTimeZone country { name } } }
        artists { id name contentUrl }
        genres { name }
      }
    }
    totalResults
  }
}
"""
