namespace Milena.Kafka.Common;

/// <summary>Collects all that is wrong with a set of options, to say it in one message.</summary>
internal sealed class OptionFaults
{
    private readonly string _options;
    private readonly List<string> _faults = [];

    public OptionFaults(string options) => _options = options;

    public OptionFaults Require(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Add(fault);
        }

        return this;
    }

    public OptionFaults RequireNone(string? fault) => Require(fault is null, fault ?? "");

    public OptionFaults RequireNone(IEnumerable<string> faults)
    {
        _faults.AddRange(faults);
        return this;
    }

    public OptionFaults RequirePositive(TimeSpan value, string name) =>
        Require(value > TimeSpan.Zero, $"{name} is {value}; it must be above zero.").RequireMeasurable(value, name);

    public OptionFaults RequireNotNegative(TimeSpan value, string name) =>
        Require(value >= TimeSpan.Zero, $"{name} is {value}; it must not be negative.").RequireMeasurable(value, name);

    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new ArgumentException($"{_options}: {string.Join(" ", _faults)}");
        }
    }

    // What timers can wait for; Kafka's own properties end there as well. Beyond it a loop would fail in the middle of its work.
    private OptionFaults RequireMeasurable(TimeSpan value, string name) =>
        Require(value.TotalMilliseconds <= int.MaxValue, $"{name} is {value}; it must be below 24 days.");
}
