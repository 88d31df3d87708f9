namespace Milena.Kafka;

/// <summary>How settings are described.</summary>
public sealed class DescribeConfigsOptions : AdminOptions
{
    /// <summary>The settings to describe, by Kafka's names.</summary>
    /// <value>Null: all.</value>
    public IReadOnlyCollection<string>? Names { get; init; }

    /// <summary>Whether to tell the values that would count if the strongest were not set.</summary>
    /// <value>False.</value>
    public bool IncludeSynonyms { get; init; }

    /// <summary>Whether to tell the meaning of each setting. Needs brokers from 2.6.</summary>
    /// <value>False.</value>
    public bool IncludeDocumentation { get; init; }
}
