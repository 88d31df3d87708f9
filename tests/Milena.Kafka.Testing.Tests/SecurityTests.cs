using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests;

/// <summary>What a listener with SASL and rules answers, message by message.</summary>
internal sealed class SecurityTests : ClusterTest
{
    protected override TestClusterOptions Options
    {
        get
        {
            var sasl = new TestSaslOptions { Users = { ["alice"] = "a-pass", ["admin"] = "b-pass" } };
            return new() { Security = { Sasl = sasl, Authorization = new TestAuthorizationOptions { SuperUsers = { "User:admin" } } } };
        }
    }

    [Test]
    public async Task Before_SASL_nothing_else_is_served()
    {
        await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "raw", ClientSoftwareVersion = "1" }, 3, Bound);
        await Client.SendOnlyAsync(new MetadataRequest(), 9, Bound);

        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.Rejections[0].Reason, Does.Contain("before SASL"));
    }

    [Test]
    public async Task An_unknown_mechanism_is_refused_with_the_list_and_the_connection_closed()
    {
        SaslHandshakeResponse answer = await Client.SendAsync(new SaslHandshakeRequest { Mechanism = "DIGEST" }, 1, Bound);

        Assert.That(answer.ErrorCode, Is.EqualTo(ErrorCode.UnsupportedSaslMechanism));
        Assert.That(answer.Mechanisms, Is.EqualTo(new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" }));
        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
    }

    [TestCase("\0alice\0wrong")]
    [TestCase("\0nobody\0x")]
    [TestCase("alice")]
    [TestCase("")]
    [TestCase("bob\0alice\0a-pass")]
    public async Task A_wrong_token_is_refused_and_the_connection_closed(string token)
    {
        SaslAuthenticateResponse answer = await AuthenticateAsync(token, 2);

        Assert.That(answer.ErrorCode, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(answer.ErrorMessage, Is.Not.Empty);
        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
    }

    [Test]
    public async Task Messages_without_a_request_follow_version_0_of_the_handshake()
    {
        await Client.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 0, Bound);
        byte[] token = Encoding.UTF8.GetBytes("\0alice\0a-pass");
        await Client.SendBytesAsync((byte[])[0, 0, 0, (byte)token.Length, .. token], Bound);

        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Empty);
        Assert.That((await Client.SendAsync(new MetadataRequest { Topics = [] }, 9, Bound)).Brokers, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Rules_are_added_listed_and_removed_by_filters()
    {
        await AuthenticateAsync("\0admin\0b-pass", 2);
        CreateAclsResponse created = await Client.SendAsync(
            new CreateAclsRequest
            {
                Creations =
                [
                    Creation("orders-", PatternType.Prefixed, AclOperation.Read),
                    Creation("orders-1", PatternType.Literal, AclOperation.Write),
                    Creation("x", PatternType.Match, AclOperation.Write),
                ],
            },
            3,
            Bound);
        DescribeAclsResponse described = await Client.SendAsync(
            new DescribeAclsRequest { ResourceTypeFilter = (sbyte)ResourceType.Topic, ResourceNameFilter = "orders-1", PatternTypeFilter = (sbyte)PatternType.Match, PrincipalFilter = null, HostFilter = null, Operation = (sbyte)AclOperation.Any, PermissionType = (sbyte)AclPermissionType.Any },
            3,
            Bound);
        DeleteAclsResponse deleted = await Client.SendAsync(
            new DeleteAclsRequest { Filters = [new() { ResourceTypeFilter = (sbyte)ResourceType.Any, ResourceNameFilter = null, PrincipalFilter = null, HostFilter = null, PatternTypeFilter = (sbyte)PatternType.Literal, Operation = (sbyte)AclOperation.Any, PermissionType = (sbyte)AclPermissionType.Any }] },
            3,
            Bound);

        Assert.That(created.Results.Select(result => result.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.None, ErrorCode.InvalidRequest }));
        Assert.That(described.Resources.Select(resource => resource.ResourceName), Is.EquivalentTo(new[] { "orders-", "orders-1" }));
        Assert.That(deleted.FilterResults[0].MatchingAcls.Select(acl => acl.ResourceName), Is.EqualTo(new[] { "orders-1" }));
    }

    [Test]
    public async Task Who_is_no_administrator_sees_and_changes_no_rules()
    {
        await AuthenticateAsync("\0alice\0a-pass", 2);

        CreateAclsResponse created = await Client.SendAsync(new CreateAclsRequest { Creations = [Creation("t", PatternType.Literal, AclOperation.Read)] }, 3, Bound);
        MetadataResponse metadata = await Client.SendAsync(new MetadataRequest { Topics = [new() { Name = "t" }], IncludeTopicAuthorizedOperations = true, AllowAutoTopicCreation = true }, 9, Bound);

        Assert.That(created.Results[0].ErrorCode, Is.EqualTo(ErrorCode.ClusterAuthorizationFailed));
        Assert.That(metadata.Topics[0].ErrorCode, Is.EqualTo(ErrorCode.TopicAuthorizationFailed));
        Assert.That(Cluster.Topics, Is.Empty);
    }

    [Test]
    public async Task Authorized_operations_are_those_of_the_rules()
    {
        Cluster.CreateTopic("t");
        Cluster.AddAcl(new TestAcl(ResourceType.Topic, "t", "User:alice", AclOperation.Read));
        await AuthenticateAsync("\0alice\0a-pass", 2);

        MetadataResponse metadata = await Client.SendAsync(new MetadataRequest { Topics = [new() { Name = "t" }], IncludeTopicAuthorizedOperations = true }, 9, Bound);

        Assert.That(metadata.Topics[0].TopicAuthorizedOperations, Is.EqualTo((1 << (int)AclOperation.Read) | (1 << (int)AclOperation.Describe)));
    }

    [Test]
    public async Task SCRAM_credentials_are_set_described_and_removed()
    {
        await AuthenticateAsync("\0admin\0b-pass", 2);
        AlterUserScramCredentialsResponse set = await Client.SendAsync(
            new AlterUserScramCredentialsRequest
            {
                Upsertions =
                [
                    new() { Name = "carol", Mechanism = (sbyte)ScramMechanism.ScramSha256, Iterations = 8192, Salt = new byte[16], SaltedPassword = new byte[32] },
                    new() { Name = "weak", Mechanism = (sbyte)ScramMechanism.ScramSha256, Iterations = 1, Salt = new byte[16], SaltedPassword = new byte[32] },
                ],
            },
            0,
            Bound);
        DescribeUserScramCredentialsResponse described = await Client.SendAsync(new DescribeUserScramCredentialsRequest { Users = [new() { Name = "carol" }, new() { Name = "dave" }] }, 0, Bound);
        AlterUserScramCredentialsResponse removed = await Client.SendAsync(
            new AlterUserScramCredentialsRequest { Deletions = [new() { Name = "carol", Mechanism = (sbyte)ScramMechanism.ScramSha256 }, new() { Name = "dave", Mechanism = (sbyte)ScramMechanism.ScramSha256 }] },
            0,
            Bound);

        Assert.That(set.Results.Select(result => result.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.UnacceptableCredential }));
        Assert.That(described.Results.Select(result => result.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.ResourceNotFound }));
        Assert.That(described.Results[0].CredentialInfos.Single().Iterations, Is.EqualTo(8192));
        Assert.That(removed.Results.Select(result => result.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.ResourceNotFound }));
    }

    [Test]
    public async Task Groups_are_denied_without_a_right()
    {
        await AuthenticateAsync("\0alice\0a-pass", 2);

        FindCoordinatorResponse found = await Client.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = ["g"] }, 4, Bound);
        HeartbeatResponse beat = await Client.SendAsync(new HeartbeatRequest { GroupId = "g" }, 4, Bound);

        Assert.That(found.Coordinators[0].ErrorCode, Is.EqualTo(ErrorCode.GroupAuthorizationFailed));
        Assert.That(beat.ErrorCode, Is.EqualTo(ErrorCode.GroupAuthorizationFailed));
    }

    [Test]
    public async Task Random_bytes_in_the_place_of_SASL_close_the_connection_and_harm_nothing()
    {
        var random = new Random(5);
        for (int run = 0; run < 200; run++)
        {
            using RawClient client = await RawClient.ConnectAsync(Cluster, 1, Bound);
            string mechanism = new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" }[random.Next(3)];
            await client.SendAsync(new SaslHandshakeRequest { Mechanism = mechanism }, 1, Bound);
            byte[] token = new byte[random.Next(300)];
            random.NextBytes(token);
            if (random.Next(2) == 0)
            {
                Encoding.ASCII.GetBytes("n,,n=alice,r=x").AsSpan(0, Math.Min(14, token.Length)).CopyTo(token);
            }

            await client.SendOnlyAsync(new SaslAuthenticateRequest { AuthBytes = token }, 2, Bound);
            Assert.That(await client.ReceiveFrameAsync(Bound), Is.Not.Null);
        }

        Assert.That(Cluster.Errors, Is.Empty);
    }

    [Test]
    public async Task A_client_that_is_not_known_may_not_send_much()
    {
        await Client.SendBytesAsync((byte[])[0, 9, 0, 0, 0, 0, 0, 0], Bound);

        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.Rejections[0].Reason, Does.Contain("the limit is 524,288"));
    }

    private async Task<SaslAuthenticateResponse> AuthenticateAsync(string token, short version)
    {
        await Client.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1, Bound);
        return await Client.SendAsync(new SaslAuthenticateRequest { AuthBytes = Encoding.UTF8.GetBytes(token) }, version, Bound);
    }

    private static CreateAclsRequest.AclCreation Creation(string name, PatternType pattern, AclOperation operation) => new()
    {
        ResourceType = (sbyte)ResourceType.Topic,
        ResourceName = name,
        ResourcePatternType = (sbyte)pattern,
        Principal = "User:alice",
        Host = "*",
        Operation = (sbyte)operation,
        PermissionType = (sbyte)AclPermissionType.Allow,
    };
}
