namespace Milena.Kafka.Cli.Settings;

/// <summary>Which of Kafka's property names an options class understands, and how.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
internal sealed class PropertyTable<TOptions>
{
    private readonly Dictionary<string, Action<TOptions, PropertyValue>> _setters = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _setters.Keys;

    public Action<TOptions, PropertyValue> this[string name]
    {
        set => _setters.Add(name, value);
    }

    /// <summary>Sets what is given and known here.</summary>
    /// <exception cref="ArgumentException">A value is not one of its kind.</exception>
    public void Apply(IEnumerable<KeyValuePair<string, string>> properties, TOptions options)
    {
        foreach ((string name, string value) in properties)
        {
            if (_setters.TryGetValue(name, out Action<TOptions, PropertyValue>? set))
            {
                set(options, new PropertyValue(name, value));
            }
        }
    }
}
