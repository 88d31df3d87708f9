using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups;

/// <summary>A JoinGroup request and where it came from.</summary>
internal sealed record JoinCall(JoinGroupRequest Request, short Version, string ClientId, string ClientHost)
{
    private const short FirstVersionOfKnownIds = 4;

    /// <summary>KIP-394: a new dynamic member must come back with the id that it is given.</summary>
    public bool MustKnowId => Version >= FirstVersionOfKnownIds && Request.GroupInstanceId is null;

    public TimeSpan SessionTimeout => TimeSpan.FromMilliseconds(Request.SessionTimeoutMs);

    public TimeSpan RebalanceTimeout => TimeSpan.FromMilliseconds(Version == 0 || Request.RebalanceTimeoutMs < 0 ? Request.SessionTimeoutMs : Request.RebalanceTimeoutMs);

    public JoinGroupResponse Failed(Protocol.ErrorCode error, string? memberId = null) => new()
    {
        ErrorCode = error,
        GenerationId = -1,
        ProtocolName = Version >= 7 ? null : "",
        MemberId = memberId ?? Request.MemberId,
    };
}
