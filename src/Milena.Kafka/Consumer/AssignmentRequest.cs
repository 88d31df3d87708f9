namespace Milena.Kafka;

/// <summary>What an assignor has to share out among whom.</summary>
/// <param name="Members">The members of the group, in no order.</param>
/// <param name="Topics">Those topics of the members' subscriptions that exist, by name.</param>
public sealed record AssignmentRequest(IReadOnlyList<MemberSubscription> Members, IReadOnlyDictionary<string, AssignableTopic> Topics);
