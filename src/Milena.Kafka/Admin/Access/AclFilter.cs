using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Which rules are meant. What is left as it is lets all pass.</summary>
public sealed record AclFilter
{
    /// <summary>The kind of resource.</summary>
    /// <value>Any.</value>
    public ResourceType Resource { get; init; } = ResourceType.Any;

    /// <summary>The name in the rule; with <see cref="PatternType.Match"/> the name of a resource that the rule applies to.</summary>
    /// <value>Null: any.</value>
    public string? Name { get; init; }

    /// <summary>
    /// The pattern of the rule. <see cref="PatternType.Match"/> finds all rules that apply to <see cref="Name"/>: by the whole name, by its beginning, or by <c>*</c>.
    /// </summary>
    /// <value>Any.</value>
    public PatternType Pattern { get; init; } = PatternType.Any;

    /// <summary>Who, such as <c>User:alice</c>.</summary>
    /// <value>Null: anyone.</value>
    public string? Principal { get; init; }

    /// <summary>From which address.</summary>
    /// <value>Null: any.</value>
    public string? Host { get; init; }

    /// <summary>What.</summary>
    /// <value>Any.</value>
    public AclOperation Operation { get; init; } = AclOperation.Any;

    /// <summary>Whether it is allowed or denied.</summary>
    /// <value>Any.</value>
    public AclPermissionType Permission { get; init; } = AclPermissionType.Any;

    /// <summary>The filter that exactly one rule passes.</summary>
    /// <param name="binding">The rule.</param>
    public static AclFilter Of(AclBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return new AclFilter
        {
            Resource = binding.Resource,
            Name = binding.Name,
            Pattern = binding.Pattern,
            Principal = binding.Principal,
            Host = binding.Host,
            Operation = binding.Operation,
            Permission = binding.Permission,
        };
    }
}
