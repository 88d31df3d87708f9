using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings that one kind of resource takes, and what becomes of them by changes. Immutable; decides, and keeps nothing.</summary>
internal sealed class ConfigSchema
{
    private readonly Dictionary<string, ConfigDefinition> _definitions;
    private readonly Func<string, Refusal>? _unknown;
    private readonly Func<Func<string, string>, Refusal?>? _check;
    private readonly ErrorCode _invalid;

    /// <param name="definitions">The settings.</param>
    /// <param name="unknown">How a name is refused that is not among them; null: it is not.</param>
    /// <param name="check">What is wrong with settings together, by the values that count.</param>
    /// <param name="invalid">The code with which a value is refused.</param>
    public ConfigSchema(
        IEnumerable<ConfigDefinition> definitions,
        Func<string, Refusal>? unknown,
        Func<Func<string, string>, Refusal?>? check = null,
        ErrorCode invalid = ErrorCode.InvalidConfig)
    {
        _definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        _unknown = unknown;
        _check = check;
        _invalid = invalid;
    }

    /// <summary>All settings by name.</summary>
    public IEnumerable<ConfigDefinition> Definitions => _definitions.Values.OrderBy(definition => definition.Name, StringComparer.Ordinal);

    public ConfigDefinition? Find(string name) => _definitions.GetValueOrDefault(name);

    /// <summary>What is set after changes, if nothing speaks against it.</summary>
    /// <param name="set">What is set before.</param>
    /// <param name="edits">The changes.</param>
    /// <param name="defaultOf">The value that counts of a setting that is not set.</param>
    public (IReadOnlyDictionary<string, string> Set, Refusal? Refusal) Apply(
        IReadOnlyDictionary<string, string> set, IEnumerable<ConfigEdit> edits, Func<ConfigDefinition, string> defaultOf)
    {
        var next = new Dictionary<string, string>(set, StringComparer.Ordinal);
        foreach (ConfigEdit edit in edits)
        {
            if (edit.Operation is AlterConfigOp.Append or AlterConfigOp.Subtract && Find(edit.Name) is not { Type: ConfigType.List })
            {
                string verb = edit.Operation.ToString().ToUpperInvariant();
                return (set, new Refusal(ErrorCode.InvalidConfig, $"Can't {verb} to key {edit.Name} because its type is not LIST."));
            }

            if (Edited(next.GetValueOrDefault(edit.Name), edit, defaultOf) is { } value)
            {
                next[edit.Name] = value;
            }
            else
            {
                next.Remove(edit.Name);
            }
        }

        return Check(next, defaultOf) is { } refusal ? (set, refusal) : (next, null);
    }

    /// <summary>What is wrong with settings; null if nothing is.</summary>
    public Refusal? Check(IReadOnlyDictionary<string, string> set, Func<ConfigDefinition, string> defaultOf)
    {
        foreach ((string name, string value) in set)
        {
            if (Find(name) is not { } definition)
            {
                if (_unknown is not null)
                {
                    return _unknown(name);
                }
            }
            else if (definition.Fault(value) is { } fault)
            {
                return new Refusal(_invalid, fault);
            }
        }

        return _check?.Invoke(name => set.TryGetValue(name, out string? value) ? value : defaultOf(_definitions[name]));
    }

    private string? Edited(string? current, ConfigEdit edit, Func<ConfigDefinition, string> defaultOf)
    {
        if (edit.Operation is AlterConfigOp.Set or AlterConfigOp.Delete)
        {
            return edit.Operation == AlterConfigOp.Set ? edit.Value : null;
        }

        List<string> list = [.. (current ?? defaultOf(_definitions[edit.Name])).Split(',', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string part in edit.Value!.Split(','))
        {
            if (edit.Operation == AlterConfigOp.Subtract)
            {
                list.Remove(part);
            }
            else if (!list.Contains(part))
            {
                list.Add(part);
            }
        }

        return string.Join(',', list);
    }
}
