using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Random schedules of takers, givers and those who give up, each step held against a queue that a child could write.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class FairSemaphoreModelTests
{
    private const int Total = 20;

    private readonly ManualTimeProvider _time = new();
    private readonly List<Waiter> _waiting = [];
    private readonly List<long> _held = [];
    private long _free = Total;

    [Test]
    public async Task Who_comes_first_is_served_first_and_nothing_is_lost_or_made([Range(1, 200)] int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var budget = new FairSemaphore(Total);
        for (int step = 0; step < 200; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    Take(budget, random.Next(0, Total + 1));
                    break;
                case 1:
                    TryTake(budget, random.Next(0, Total + 1));
                    break;
                case 2 when _held.Count > 0:
                    GiveBack(budget, random.Next(_held.Count));
                    break;
                case 3 when _waiting.Count > 0:
                    await GiveUpAsync(random.Next(_waiting.Count));
                    break;
                default:
                    break;
            }

            await ServeAsync(cancellationToken);
            Assert.That((budget.Available, budget.HasWaiters), Is.EqualTo((_free, _waiting.Count > 0)));
            Assert.That(_waiting.Exists(w => w.Taken.IsCompleted), Is.False, "nobody is served out of turn");
        }
    }

    private void Take(FairSemaphore budget, long amount)
    {
        var patience = new CancellationTokenSource();
        _waiting.Add(new Waiter(amount, budget.TakeAsync(amount, TimeSpan.FromHours(1), _time, patience.Token).AsTask(), patience));
    }

    private void TryTake(FairSemaphore budget, long amount)
    {
        bool isThere = _waiting.Count == 0 && amount <= _free;
        Assert.That(budget.TryTake(amount), Is.EqualTo(isThere));
        if (isThere)
        {
            _free -= amount;
            _held.Add(amount);
        }
    }

    private void GiveBack(FairSemaphore budget, int index)
    {
        long amount = _held[index];
        _held.RemoveAt(index);
        _free += amount;
        budget.Release(amount);
    }

    private async Task GiveUpAsync(int index)
    {
        Waiter waiter = _waiting[index];
        _waiting.RemoveAt(index);
        await waiter.Patience.CancelAsync();
        await Assert.ThatAsync(() => waiter.Taken, Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        while (_waiting.Count > 0 && _waiting[0].Amount <= _free)
        {
            Waiter first = _waiting[0];
            _waiting.RemoveAt(0);
            _free -= first.Amount;
            _held.Add(first.Amount);
            await first.Taken.WaitAsync(cancellationToken);
        }
    }

    private sealed record Waiter(long Amount, Task Taken, CancellationTokenSource Patience);
}
