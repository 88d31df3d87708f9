using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

public class TopicsCommandTests : AdminCommandTest
{
    [Test]
    public async Task Topics_are_created_listed_described_grown_and_deleted(CancellationToken cancellationToken)
    {
        Assert.That(Column(await RowsAsync("topics create life other --partitions 2 --replication 2 --set retention.ms=5000", cancellationToken), "result"), Is.EqualTo(new[] { "created", "created" }));
        Assert.That(Column(await RowsAsync("topics list", cancellationToken), "topic"), Is.SupersetOf(new[] { "life", "other" }));
        Assert.That((await RunAsync("topics add-partitions life --total 4 --dry-run", cancellationToken)).Text, Is.EqualTo("life\twould have more\n"));
        Assert.That(await RowsAsync("topics describe life", cancellationToken), Has.Length.EqualTo(2));

        (await RunAsync("topics add-partitions life --total 3 --assignment 3,1", cancellationToken)).EnsureSuccess();

        JsonElement[] partitions = await RowsAsync("topics describe life", cancellationToken);
        Assert.That(Column(partitions, "partition"), Is.EqualTo(new[] { "0", "1", "2" }));
        Assert.That(partitions[2].GetProperty("replicas").EnumerateArray().Select(r => r.GetInt32()), Is.EqualTo(new[] { 3, 1 }));
        Assert.That(partitions[2].GetProperty("leader").GetInt32(), Is.EqualTo(3));
        Assert.That(await KcatListAsync("life", cancellationToken), Is.Null.Or.Contains("topic \"life\" with 3 partitions").And.Contains("partition 2, leader 3, replicas: 3,1"));

        (await RunAsync("topics delete life other", cancellationToken)).EnsureSuccess();
        Assert.That(Column(await RowsAsync("topics list", cancellationToken), "topic"), Has.None.EqualTo("life").And.None.EqualTo("other"));
    }

    [Test]
    public async Task What_fails_is_told_and_does_not_hide_what_succeeds(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create taken", cancellationToken)).EnsureSuccess();

        ProcessResult create = await RunAsync("topics create taken new", cancellationToken);
        ProcessResult describe = await RunAsync("topics describe new nowhere", cancellationToken);
        ProcessResult config = await RunAsync("topics create odd --set cleanup.policy=burn", cancellationToken);

        Assert.That((create.ExitCode, create.Text), Is.EqualTo((2, "new\tcreated\n")));
        Assert.That(create.Errors, Does.StartWith("milena: Creating topic 'taken': ").And.Contains("(TOPIC_ALREADY_EXISTS)"));
        Assert.That(describe.ExitCode, Is.EqualTo(2));
        Assert.That(describe.Lines, Has.Count.EqualTo(1).And.All.StartsWith("new\t0\t"));
        Assert.That(describe.Errors, Does.StartWith("milena: ").And.Contains("nowhere"));
        Assert.That(config.ExitCode, Is.EqualTo(2));
        Assert.That(config.Errors, Does.Contain("(INVALID_CONFIG)").And.Contains("burn"));
    }

    [Test]
    public async Task A_dry_run_changes_nothing(CancellationToken cancellationToken)
    {
        Assert.That((await RunAsync("topics create planned --dry-run", cancellationToken)).Text, Is.EqualTo("planned\twould be created\n"));
        Assert.That(Column(await RowsAsync("topics list", cancellationToken), "topic"), Has.None.EqualTo("planned"));
    }

    [Test]
    public async Task The_oldest_records_are_deleted(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create trimmed --partitions 2", cancellationToken)).EnsureSuccess();
        (await Milena.RunAsync("one\ntwo\nthree\n", cancellationToken, "produce", "trimmed", "--partition", "0", "-b", Servers)).EnsureSuccess();
        (await Milena.RunAsync("four\n", cancellationToken, "produce", "trimmed", "--partition", "1", "-b", Servers)).EnsureSuccess();

        JsonElement[] deleted = await RowsAsync("topics delete-records trimmed --before 0=2 --before 1=end", cancellationToken);

        Assert.That(Column(deleted, "logStart"), Is.EqualTo(new[] { "2", "1" }));
        Assert.That((await RunAsync("consume trimmed --until-end", cancellationToken)).Lines, Is.EqualTo(new[] { "three" }));
        Assert.That((await RunAsync("topics delete-records trimmed --before 0", cancellationToken)).ExitCode, Is.EqualTo(1));
    }
}
