using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Asks a broker whether the cluster serves the group protocol of KIP-848: the API is there, and the feature is on.</summary>
internal sealed class ProtocolProbe : GroupCall
{
    private const string Feature = "group.version";
    private const string SoftwareName = "milena-kafka";

    private readonly bool _isAgain;
    private readonly Action<bool, TimeSpan> _take;

    /// <summary>Creates the probe.</summary>
    /// <param name="isAgain">Whether the broker is asked anew; else what it said when the connection was opened will do.</param>
    /// <param name="take">Gives the answer to the membership.</param>
    public ProtocolProbe(bool isAgain, Action<bool, TimeSpan> take)
    {
        _isAgain = isAgain;
        _take = take;
    }

    /// <summary>Gives an answer to the membership.</summary>
    public void Take(bool isServed, TimeSpan now) => _take(isServed, now);

    public override async Task<Action<TimeSpan>> SendAsync(Connection connection, CancellationToken cancellationToken)
    {
        BrokerVersions versions = connection.Versions;
        if (_isAgain)
        {
            var request = new ApiVersionsRequest { ClientSoftwareName = SoftwareName, ClientSoftwareVersion = "1" };
            ApiVersionsResponse answer = await connection.SendAsync(request, new RequestOptions(Timeout: Timeout), cancellationToken).ConfigureAwait(false);
            if (answer.ErrorCode == ErrorCode.None)
            {
                versions = new BrokerVersions("coordinator", answer, allowUnstable: false);
            }
        }

        bool isServed = versions.Supports(Apis.ConsumerGroupHeartbeat) && versions.FeatureLevel(Feature) >= 1;
        return now => Take(isServed, now);
    }
}
