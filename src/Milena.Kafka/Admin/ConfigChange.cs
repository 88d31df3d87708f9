using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A change of one setting; all that is not named stays as it is (KIP-339).</summary>
public sealed record ConfigChange
{
    private ConfigChange(string name, AlterConfigOp operation, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Operation = operation;
        Value = value;
    }

    /// <summary>Kafka's name of the setting.</summary>
    public string Name { get; }

    /// <summary>What is done to it.</summary>
    public AlterConfigOp Operation { get; }

    /// <summary>The value; null with <see cref="AlterConfigOp.Delete"/>.</summary>
    public string? Value { get; }

    /// <summary>Sets a value.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="value">The value.</param>
    public static ConfigChange Set(string name, string value) => new(name, AlterConfigOp.Set, NotNull(value));

    /// <summary>Takes back what was set, so that the default counts.</summary>
    /// <param name="name">The setting.</param>
    public static ConfigChange Delete(string name) => new(name, AlterConfigOp.Delete, null);

    /// <summary>Adds to a list, or leaves it as it is if it is there.</summary>
    /// <param name="name">The setting, which must be a list.</param>
    /// <param name="value">One value, or several with commas between.</param>
    public static ConfigChange Append(string name, string value) => new(name, AlterConfigOp.Append, NotNull(value));

    /// <summary>Takes out of a list.</summary>
    /// <param name="name">The setting, which must be a list.</param>
    /// <param name="value">One value, or several with commas between.</param>
    public static ConfigChange Subtract(string name, string value) => new(name, AlterConfigOp.Subtract, NotNull(value));

    private static string NotNull(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value;
    }
}
