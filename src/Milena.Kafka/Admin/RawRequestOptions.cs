namespace Milena.Kafka;

/// <summary>How a request of one's own is sent.</summary>
public sealed class RawRequestOptions : AdminOptions
{
    /// <summary>The highest version of the API to speak.</summary>
    /// <value>Null: the highest released one that client and broker have in common.</value>
    public short? MaxVersion { get; init; }
}
