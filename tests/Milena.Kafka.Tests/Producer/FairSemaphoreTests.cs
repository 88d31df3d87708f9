using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

[CancelAfter(20_000)]
public class FairSemaphoreTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task Waiters_go_in_order_of_arrival_whatever_they_want()
    {
        var budget = new FairSemaphore(10);
        Assert.That(budget.TryTake(10), Is.True);
        Task large = TakeAsync(budget, 8);
        Task small = TakeAsync(budget, 1);

        budget.Release(7);
        Assert.That(large.IsCompleted || small.IsCompleted, Is.False, "the small one must not overtake");
        Assert.That(budget.TryTake(1), Is.False, "nor must one that did not wait");

        budget.Release(1);
        await large;
        Assert.That(small.IsCompleted, Is.False);
        budget.Release(1);
        await small;
        Assert.That(budget.HasWaiters, Is.False);
    }

    [Test]
    public void A_waiter_that_gives_up_lets_those_behind_it_go_and_takes_nothing()
    {
        var budget = new FairSemaphore(5);
        using var patience = new CancellationTokenSource();
        Task large = budget.TakeAsync(6, TimeSpan.FromHours(1), _time, patience.Token).AsTask();
        Task small = TakeAsync(budget, 5);

        patience.Cancel();

        Assert.That(async () => await large, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await small, Throws.Nothing);
        Assert.That(budget.Available, Is.Zero);
    }

    [Test]
    public void A_waiter_waits_no_longer_than_it_wants_by_the_clock()
    {
        var budget = new FairSemaphore(0);
        Task waiter = budget.TakeAsync(1, TimeSpan.FromSeconds(5), _time, CancellationToken.None).AsTask();

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(waiter.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.That(async () => await waiter, Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task What_is_handed_on_is_never_seen_as_available(CancellationToken cancellationToken)
    {
        var line = new FairSemaphore(1);
        Assert.That(line.TryTake(1), Is.True);
        bool wasSeen = false;
        using var over = new CancellationTokenSource();
        Task watcher = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                wasSeen |= line.Available > 0;
            }
        }, cancellationToken);

        for (int i = 0; i < 100_000; i++)
        {
            Task next = TakeAsync(line, 1);
            line.Release(1);
            await next;
        }

        await over.CancelAsync();
        await watcher;
        Assert.That(wasSeen, Is.False);
    }

    private Task TakeAsync(FairSemaphore budget, long amount) => budget.TakeAsync(amount, TimeSpan.FromHours(1), _time, CancellationToken.None).AsTask();
}
