using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

[CancelAfter(20_000)]
public class WakeSignalTests
{
    [Test]
    public async Task A_signal_that_comes_before_the_wait_is_not_lost()
    {
        var time = new ManualTimeProvider();
        using var signal = new WakeSignal(time, new ProducerClock(time));
        signal.Set();
        signal.Set();

        await signal.WaitAsync(TimeSpan.MaxValue);
        Task second = signal.WaitAsync(TimeSpan.MaxValue).AsTask();

        Assert.That(second.IsCompleted, Is.False, "both count once");
        signal.Set();
        await second;
    }

    [Test]
    public async Task A_timer_that_goes_off_ahead_of_the_clock_is_set_again()
    {
        var time = new EarlyTime();
        using var signal = new WakeSignal(time, new ProducerClock(time));
        var until = TimeSpan.FromMilliseconds(5);

        Task first = signal.WaitAsync(until).AsTask();
        time.Fire();
        await first;
        Task second = signal.WaitAsync(until).AsTask();

        Assert.That(time.Changes, Is.EqualTo(2), "the first setting is used up, though its time is still to come");
        time.Fire();
        await second;
    }

    [Test]
    public void A_loop_that_waits_goes_on_within_an_inline_signal()
    {
        var time = new ManualTimeProvider();
        using var signal = new WakeSignal(time, new ProducerClock(time));
        int thread = 0;
        Task loop = RunAsync();

        signal.SetInline();

        Assert.That(loop.IsCompletedSuccessfully, "it ran within the call");
        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));

        async Task RunAsync()
        {
            await signal.WaitAsync(TimeSpan.MaxValue).ConfigureAwait(false);
            thread = Environment.CurrentManagedThreadId;
        }
    }

    [Test]
    public void Threads_that_signal_all_the_time_never_leave_the_loop_asleep()
    {
        var time = new ManualTimeProvider();
        using var signal = new WakeSignal(time, new ProducerClock(time));
        long sent = 0;
        const int each = 20_000;
        Task[] senders = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                Interlocked.Increment(ref sent);
                signal.Set();
            }
        }))];
        Task loop = Task.Run(async () =>
        {
            while (Interlocked.Read(ref sent) < 4 * each)
            {
                await signal.WaitAsync(TimeSpan.MaxValue);
            }
        });

        Assert.That(async () => await Task.WhenAll([.. senders, loop]).WaitAsync(TimeSpan.FromSeconds(15)), Throws.Nothing);
    }

    /// <summary>A clock that stands, with a timer that a test sets off.</summary>
    private sealed class EarlyTime : TimeProvider
    {
        private TimerCallback _callback = _ => { };
        private object? _state;

        public int Changes { get; private set; }

        public override long GetTimestamp() => 0;

        public void Fire() => _callback(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            _state = state;
            return new Counting(this);
        }

        private sealed class Counting(EarlyTime owner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                owner.Changes++;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
