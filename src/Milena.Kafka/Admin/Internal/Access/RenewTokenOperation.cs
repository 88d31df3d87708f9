using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Has a delegation token live on for some time.</summary>
internal sealed class RenewTokenOperation : SingleOperation<RenewDelegationTokenRequest, RenewDelegationTokenResponse, DateTimeOffset>
{
    private readonly ReadOnlyMemory<byte> _hmac;
    private readonly long _period;

    public RenewTokenOperation(ReadOnlyMemory<byte> hmac, TimeSpan? period)
    {
        _hmac = hmac;
        _period = (long?)period?.TotalMilliseconds ?? -1;
    }

    public override Api Api => Apis.RenewDelegationToken;

    public override string Describe(Route key) => "Renewing a delegation token";

    protected override RenewDelegationTokenRequest CreateRequest(short version) => new() { Hmac = _hmac, RenewPeriodMs = _period };

    protected override (ErrorCode Error, string? Detail) ErrorOf(RenewDelegationTokenResponse response) => (response.ErrorCode, null);

    protected override DateTimeOffset Read(RenewDelegationTokenResponse response) => DateTimeOffset.FromUnixTimeMilliseconds(response.ExpiryTimestampMs);
}
