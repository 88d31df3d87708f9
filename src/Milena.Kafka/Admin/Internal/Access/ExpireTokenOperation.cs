using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Ends a delegation token, now or after some time.</summary>
internal sealed class ExpireTokenOperation : SingleOperation<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, DateTimeOffset>
{
    private readonly ReadOnlyMemory<byte> _hmac;
    private readonly long _period;

    public ExpireTokenOperation(ReadOnlyMemory<byte> hmac, TimeSpan? after)
    {
        _hmac = hmac;
        _period = (long?)after?.TotalMilliseconds ?? -1;
    }

    public override Api Api => Apis.ExpireDelegationToken;

    public override string Describe(Route key) => "Ending a delegation token";

    protected override ExpireDelegationTokenRequest CreateRequest(short version) => new() { Hmac = _hmac, ExpiryTimePeriodMs = _period };

    protected override (ErrorCode Error, string? Detail) ErrorOf(ExpireDelegationTokenResponse response) => (response.ErrorCode, null);

    protected override DateTimeOffset Read(ExpireDelegationTokenResponse response) => DateTimeOffset.FromUnixTimeMilliseconds(response.ExpiryTimestampMs);
}
