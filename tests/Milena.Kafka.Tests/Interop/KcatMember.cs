namespace Milena.Kafka.Tests.Interop;

/// <summary>kcat as a member of a group, by either protocol.</summary>
internal static class KcatMember
{
    /// <summary>Whether there is a librdkafka that knows the group protocol of KIP-848; Debian's is too old.</summary>
    public static bool CanBeNew(out string reason)
    {
        reason = $"{Librdkafka.Variable} names no librdkafka that speaks the consumer group protocol (2.12 or newer).";
        return Librdkafka.IsLoaded && System.Version.TryParse(Librdkafka.Version, out Version? version) && version >= new Version(2, 12);
    }

    /// <summary>Starts a member of a group; it writes partition and offset of each record.</summary>
    /// <param name="bootstrapServers">Where.</param>
    /// <param name="group">The group.</param>
    /// <param name="topic">What it reads.</param>
    /// <param name="isNew">Whether it joins by the protocol of KIP-848, which takes <see cref="CanBeNew"/>.</param>
    /// <param name="settings">Settings of librdkafka, as name=value.</param>
    public static LiveProcess Start(string bootstrapServers, string group, string topic, bool isNew, params string[] settings)
    {
        IEnumerable<string> all = settings.Append("auto.offset.reset=earliest").Concat(isNew ? ["group.protocol=consumer"] : []);
        return LiveProcess.Start(
            OutsideProcess.Find("kcat")!,
            isNew ? Librdkafka.FileName : null,
            ["-b", bootstrapServers, "-u", "-q", "-f", "%p %o\n", .. all.SelectMany(s => new[] { "-X", s }), "-G", group, topic]);
    }
}
