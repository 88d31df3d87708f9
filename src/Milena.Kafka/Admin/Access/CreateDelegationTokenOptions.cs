namespace Milena.Kafka;

/// <summary>What a delegation token is to be like.</summary>
public sealed class CreateDelegationTokenOptions : AdminOptions
{
    /// <summary>For whom it stands.</summary>
    /// <value>Null: the principal of this client. Another one needs the right to create tokens for it, and brokers from 3.3 (KIP-373).</value>
    public KafkaPrincipal? Owner { get; init; }

    /// <summary>Who may renew it, beside the owner.</summary>
    /// <value>Empty.</value>
    public IReadOnlyCollection<KafkaPrincipal> Renewers { get; init; } = [];

    /// <summary>How long it may live in all, with all renewals.</summary>
    /// <value>Null, or more than the brokers allow: what they are set to, Kafka's <c>delegation.token.max.lifetime.ms</c>.</value>
    public TimeSpan? MaxLifetime { get; init; }
}
