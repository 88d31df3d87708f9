using Milena.Kafka.Admin.Internal.Access;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <content>Delegation tokens (KIP-48).</content>
public sealed partial class AdminClient
{
    /// <summary>Has a token made, with which others can act for its owner.</summary>
    /// <param name="options">What it is to be like, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; a token may be made all the same.</param>
    /// <exception cref="KafkaException">
    /// Brokers have no tokens (<c>DELEGATION_TOKEN_AUTH_DISABLED</c>), or give none over this connection (<c>DELEGATION_TOKEN_REQUEST_NOT_ALLOWED</c>): it must be
    /// authenticated, and not by a token.
    /// </exception>
    /// <exception cref="UnsupportedVersionException">An owner is named, and the brokers are older than 3.3.</exception>
    public Task<DelegationToken> CreateDelegationTokenAsync(CreateDelegationTokenOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new CreateTokenOperation(options ?? new CreateDelegationTokenOptions()), Route.Any, options, cancellationToken);

    /// <summary>Has a token live on.</summary>
    /// <param name="hmac">The token's secret.</param>
    /// <param name="period">How long from now; null for what brokers are set to, Kafka's <c>delegation.token.expiry.time.ms</c>.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; the token may be renewed all the same.</param>
    /// <returns>When it ends now: never later than its longest life allows.</returns>
    /// <exception cref="KafkaException">There is no such token (<c>DELEGATION_TOKEN_NOT_FOUND</c>), it has ended, or this client is no renewer of it.</exception>
    public Task<DateTimeOffset> RenewDelegationTokenAsync(
        ReadOnlyMemory<byte> hmac, TimeSpan? period = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new RenewTokenOperation(hmac, period), Route.Any, options, cancellationToken);

    /// <summary>Ends a token.</summary>
    /// <param name="hmac">The token's secret.</param>
    /// <param name="after">How long from now; null for at once.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; the token may end all the same.</param>
    /// <returns>When it ends.</returns>
    /// <exception cref="KafkaException">There is no such token (<c>DELEGATION_TOKEN_NOT_FOUND</c>), it has ended, or this client is no renewer of it.</exception>
    public Task<DateTimeOffset> ExpireDelegationTokenAsync(
        ReadOnlyMemory<byte> hmac, TimeSpan? after = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ExpireTokenOperation(hmac, after), Route.Any, options, cancellationToken);

    /// <summary>Tells the tokens that this client may see: those of its own, those that it may renew, and those that rules let it describe.</summary>
    /// <param name="owners">Whose; null for everyone's.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">Brokers have no tokens, or tell of none over this connection.</exception>
    public Task<IReadOnlyList<DelegationToken>> DescribeDelegationTokensAsync(
        IEnumerable<KafkaPrincipal>? owners = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeTokensOperation(owners is null ? null : [.. owners]), Route.Any, options, cancellationToken);
}
