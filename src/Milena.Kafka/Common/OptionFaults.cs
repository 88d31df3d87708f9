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

    public OptionFaults RequirePositive(TimeSpan value, string name) => Require(value > TimeSpan.Zero, $"{name} is {value}; it must be above zero.");

    public OptionFaults RequireNotNegative(TimeSpan value, string name) => Require(value >= TimeSpan.Zero, $"{name} is {value}; it must not be negative.");

    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new ArgumentException($"{_options}: {string.Join(" ", _faults)}");
        }
    }
}
