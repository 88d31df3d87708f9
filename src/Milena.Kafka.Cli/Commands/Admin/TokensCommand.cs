using System.CommandLine;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena tokens</c>: delegation tokens.</summary>
internal static class TokensCommand
{
    public static Command Create() => new("tokens", "Creates, lists, renews and expires delegation tokens.") { CreateCreate(), CreateList(), CreateRenew(), CreateExpire() };

    private static Verb CreateCreate()
    {
        var owner = new Option<string?>("--owner") { Description = "For whom. Default: for who asks.", HelpName = "TYPE:NAME" };
        var renewers = new Option<string[]>("--renewer") { Description = "Who else may renew it; may be given again.", HelpName = "TYPE:NAME" };
        var lifetime = new Option<string?>("--max-lifetime") { Description = "How long it may be renewed, as ISO 8601. Default: as the cluster is set.", HelpName = "DURATION" };
        string[] examples = ["tokens create --renewer User:ops --max-lifetime P1D"];
        return AdminVerb.Create("create", "Creates a token and prints its secret, this once.", examples, [owner, renewers, lifetime], async call =>
        {
            var options = new CreateDelegationTokenOptions
            {
                Owner = call.Get(owner) is { } text ? Principal(text) : null,
                Renewers = [.. (call.Get(renewers) ?? []).Select(Principal)],
                MaxLifetime = Duration.Parse(call.Get(lifetime), "--max-lifetime"),
            };
            DelegationToken token = await call.Admin.CreateDelegationTokenAsync(options, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("token", "hmac", "owner", "expires", "maxExpires");
            table.Add(token.TokenId, token.Password, token.Owner, token.ExpiresAt, token.MaxExpiresAt);
            return call.Print(table);
        });
    }

    private static Verb CreateList()
    {
        var owners = new Option<string[]>("--owner") { Description = "Only of these; may be given again.", HelpName = "TYPE:NAME" };
        return AdminVerb.Create("list", "Lists tokens, without their secrets.", ["tokens list", "tokens list --owner User:billing"], [owners], async call =>
        {
            IReadOnlyList<DelegationToken> found = await call.Admin.DescribeDelegationTokensAsync(
                call.Get(owners) is { Length: > 0 } named ? named.Select(Principal) : null, null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("token", "owner", "requester", "renewers", "issued", "expires", "maxExpires");
            foreach (DelegationToken token in found)
            {
                table.Add(token.TokenId, token.Owner, token.Requester, token.Renewers, token.IssuedAt, token.ExpiresAt, token.MaxExpiresAt);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateRenew()
    {
        var period = new Option<string?>("--for") { Description = "How long, as ISO 8601. Default: as the cluster is set.", HelpName = "DURATION" };
        return AdminVerb.Create("renew", "Renews a token, whose secret is the first line of the standard input.", ["tokens renew --for PT12H"], [period], async call =>
        {
            byte[] hmac = await ReadHmacAsync(call).ConfigureAwait(false);
            return call.PrintDone("expires", await call.Admin.RenewDelegationTokenAsync(hmac, Duration.Parse(call.Get(period), "--for"), null, call.CancellationToken).ConfigureAwait(false), "renewed");
        });
    }

    private static Verb CreateExpire()
    {
        var after = new Option<string?>("--after") { Description = "When, from now on, as ISO 8601. Default: at once.", HelpName = "DURATION" };
        return AdminVerb.Create("expire", "Ends a token, whose secret is the first line of the standard input.", ["tokens expire"], [after], async call =>
        {
            byte[] hmac = await ReadHmacAsync(call).ConfigureAwait(false);
            return call.PrintDone("expires", await call.Admin.ExpireDelegationTokenAsync(hmac, Duration.Parse(call.Get(after), "--after"), null, call.CancellationToken).ConfigureAwait(false), "expired");
        });
    }

    private static async Task<byte[]> ReadHmacAsync(AdminCall call)
    {
        string? line = Console.IsInputRedirected ? await Console.In.ReadLineAsync(call.CancellationToken).ConfigureAwait(false) : Secret.Ask("HMAC: ");
        byte[] hmac = new byte[line?.Length ?? 0];
        return !string.IsNullOrEmpty(line) && Convert.TryFromBase64String(line, hmac, out int length)
            ? hmac[..length]
            : throw new ArgumentException("The first line of the standard input is not a token's HMAC in Base64.");
    }

    private static KafkaPrincipal Principal(string text) => text.Split(':', 2) is [{ Length: > 0 } type, { Length: > 0 } name]
        ? new KafkaPrincipal(type, name)
        : throw new ArgumentException($"'{text}' is no principal of the form TYPE:NAME, such as User:billing.");
}
