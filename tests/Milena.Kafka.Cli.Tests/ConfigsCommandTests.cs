using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

public class ConfigsCommandTests : AdminCommandTest
{
    [Test]
    public async Task Settings_are_changed_and_shown_with_their_source(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create set", cancellationToken)).EnsureSuccess();

        (await RunAsync("configs alter topic set --set retention.ms=60000 --append cleanup.policy=compact", cancellationToken)).EnsureSuccess();
        JsonElement[] changed = await RowsAsync("configs describe topic set", cancellationToken);
        (await RunAsync("configs alter topic set --delete retention.ms --subtract cleanup.policy=delete", cancellationToken)).EnsureSuccess();
        JsonElement[] after = await RowsAsync("configs describe topic set", cancellationToken);
        JsonElement[] all = await RowsAsync("configs describe topic set --all --documentation", cancellationToken);

        Assert.That(changed.Select(Setting), Is.EquivalentTo(new[] { "retention.ms=60000", "cleanup.policy=delete,compact" }));
        Assert.That(Column(changed, "source"), Is.All.EqualTo("DynamicTopic"));
        Assert.That(after.Select(Setting), Is.EqualTo(new[] { "cleanup.policy=compact" }));
        Assert.That(all.Select(Setting), Does.Contain("retention.ms=604800000"));
        Assert.That(all[0].GetProperty("documentation").ValueKind, Is.EqualTo(JsonValueKind.String));
    }

    [Test]
    public async Task What_is_no_setting_or_value_is_refused_in_one_line(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create firm", cancellationToken)).EnsureSuccess();

        ProcessResult name = await RunAsync("configs alter topic firm --set retention.mss=1", cancellationToken);
        ProcessResult value = await RunAsync("configs alter topic firm --set retention.ms=soon", cancellationToken);
        ProcessResult nothing = await RunAsync("configs alter topic firm", cancellationToken);
        ProcessResult nowhere = await RunAsync("configs describe topic nowhere", cancellationToken);

        Assert.That((name.ExitCode, value.ExitCode, nothing.ExitCode, nowhere.ExitCode), Is.EqualTo((2, 2, 1, 2)));
        Assert.That(name.Errors, Does.Contain("retention.mss").And.Contains("(INVALID_CONFIG)"));
        Assert.That(value.Errors, Does.Contain("soon").And.Contains("(INVALID_CONFIG)"));
        Assert.That(nothing.Errors, Is.EqualTo("milena: Nothing is to be changed: name --set, --append, --subtract or --delete.\n"));
        Assert.That(nowhere.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(1).And.All.Contains("nowhere"));
    }

    [Test]
    public async Task A_dry_run_changes_nothing(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create tried", cancellationToken)).EnsureSuccess();

        Assert.That((await RunAsync("configs alter topic tried --set retention.ms=1 --dry-run", cancellationToken)).Text, Is.EqualTo("Topic tried\twould be changed\n"));
        Assert.That(await RowsAsync("configs describe topic tried", cancellationToken), Is.Empty);
    }

    private static string Setting(JsonElement row) => $"{row.GetProperty("name").GetString()}={row.GetProperty("value").GetString()}";
}
