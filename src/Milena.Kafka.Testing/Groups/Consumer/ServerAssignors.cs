namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>The assignors that the broker has.</summary>
internal static class ServerAssignors
{
    public static IServerAssignor Default { get; } = new UniformAssignor();

    public static IReadOnlyDictionary<string, IServerAssignor> All { get; } = new IServerAssignor[] { Default, new RangeAssignor() }
        .ToDictionary(assignor => assignor.Name, StringComparer.Ordinal);

    /// <summary>The one that most members ask for; the default if none asks. Of equals the first by name.</summary>
    public static IServerAssignor Choose(IEnumerable<ConsumerMember> members) =>
        members.Where(member => member.ServerAssignor is not null)
            .GroupBy(member => member.ServerAssignor!, StringComparer.Ordinal)
            .OrderByDescending(votes => votes.Count())
            .ThenBy(votes => votes.Key, StringComparer.Ordinal)
            .Select(votes => All[votes.Key])
            .FirstOrDefault(Default);
}
