using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>AWS_MSK_IAM: a request to Amazon MSK that is signed with keys of AWS, in place of a password. Only over TLS.</summary>
public sealed class SaslAwsMskIam : ISaslMechanism
{
    private readonly string _region;
    private readonly Func<CancellationToken, ValueTask<AwsCredentials>> _credentials;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the mechanism.</summary>
    /// <param name="region">The region of the cluster, such as <c>eu-central-1</c>.</param>
    /// <param name="credentials">Asked at each authentication; here is the place for the AWS SDK's chain of providers.</param>
    /// <param name="timeProvider">The clock that dates the signature; the system's if left out.</param>
    public SaslAwsMskIam(string region, Func<CancellationToken, ValueTask<AwsCredentials>> credentials, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(region);
        ArgumentNullException.ThrowIfNull(credentials);
        _region = region;
        _credentials = credentials;
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public string Name => "AWS_MSK_IAM";

    /// <inheritdoc/>
    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        AwsCredentials credentials = await _credentials(cancellationToken).ConfigureAwait(false);
        return new AwsMskIamExchange(AwsMskIamMessage.Of(target.Host, _region, credentials, _timeProvider.GetUtcNow()));
    }
}
