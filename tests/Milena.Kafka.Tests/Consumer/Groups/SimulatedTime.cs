using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What is still to happen in a simulation, in order of time; a clock for those who need one goes with it.</summary>
internal sealed class SimulatedTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, int Order)> _events = new();
    private int _order;
    private int _steps;

    public SimulatedTime() => Beat();

    public TimeSpan Now { get; private set; }

    public ManualTimeProvider Clock { get; } = new() { IsStrict = true };

    public void After(int milliseconds, Action action) => At(Now + TimeSpan.FromMilliseconds(milliseconds), action);

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time, _order++));

    /// <summary>Lets everything happen up to a time.</summary>
    /// <param name="until">The time.</param>
    /// <param name="look">Called after each event.</param>
    public void Run(TimeSpan until, Action look)
    {
        while (_events.TryPeek(out Action? action, out (TimeSpan At, int Order) when) && when.At <= until)
        {
            _events.Dequeue();
            if (when.At > Now)
            {
                Clock.Advance(when.At - Now);
                Now = when.At;
            }

            action();
            look();
            Assert.That(++_steps, Is.LessThan(1_000_000), "the members turn in circles");
        }

        Now = until;
    }

    /// <summary>Time passes for timers also while nobody does anything.</summary>
    private void Beat() => After(250, Beat);
}
