namespace Milena.Kafka.Security.Internal;

/// <summary>Turns Kafka's <c>sasl.*</c> properties into a mechanism.</summary>
internal sealed class SaslProperties(Func<string, string?> take, List<string> faults)
{
    private const string LoginModule = "sasl.jaas.config";

    public ISaslMechanism? Read()
    {
        string name = (take("sasl.mechanism") ?? "GSSAPI").Trim().ToUpperInvariant();
        JaasEntry? jaas = ReadJaas();
        return name switch
        {
            "PLAIN" => ReadPassword(jaas, "PlainLoginModule") is var (user, password) ? new SaslPlain(user, password) : null,
            "SCRAM-SHA-256" => ReadScram(jaas, SaslScram.Sha256),
            "SCRAM-SHA-512" => ReadScram(jaas, SaslScram.Sha512),
            "OAUTHBEARER" => new OAuthProperties(take, faults).Read(jaas),
            "GSSAPI" => ReadGssapi(jaas),
            _ => Refuse($"sasl.mechanism must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI{(name == "AWS_MSK_IAM" ? "; AWS_MSK_IAM needs keys from a provider: set SecurityOptions.Sasl to an SaslAwsMskIam" : "")}."),
        };
    }

    private JaasEntry? ReadJaas()
    {
        if (take(LoginModule) is not { } text)
        {
            return null;
        }

        try
        {
            return JaasEntry.Parse(text);
        }
        catch (FormatException fault)
        {
            faults.Add($"{LoginModule} cannot be read: {fault.Message}.");
            return null;
        }
    }

    private (string User, string Password)? ReadPassword(JaasEntry? jaas, string module)
    {
        if (jaas is null)
        {
            if (faults.Count == 0)
            {
                faults.Add($"{LoginModule} is missing; it names the user and the password.");
            }

            return null;
        }

        if (jaas.Module != module)
        {
            faults.Add($"{LoginModule} is for another mechanism: {module} was expected.");
            return null;
        }

        if (jaas.Option("username") is not { Length: > 0 } user || jaas.Option("password") is not { Length: > 0 } password)
        {
            faults.Add($"{LoginModule} lacks username or password.");
            return null;
        }

        return (user, password);
    }

    private SaslScram? ReadScram(JaasEntry? jaas, Func<string, string, SaslScram> create)
    {
        if (ReadPassword(jaas, "ScramLoginModule") is not var (user, password))
        {
            return null;
        }

        SaslScram mechanism = create(user, password);
        mechanism.IsDelegationToken = string.Equals(jaas!.Option("tokenauth"), "true", StringComparison.OrdinalIgnoreCase);
        return mechanism;
    }

    private SaslGssapi? ReadGssapi(JaasEntry? jaas)
    {
        if (jaas is not null && jaas.Module != "Krb5LoginModule")
        {
            faults.Add($"{LoginModule} is for another mechanism: Krb5LoginModule was expected. Is sasl.mechanism missing? It is GSSAPI by default.");
            return null;
        }

        if (string.Equals(jaas?.Option("useKeyTab"), "true", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"{LoginModule} names a keytab, which the system's Kerberos takes from the environment variable KRB5_CLIENT_KTNAME; set that and leave useKeyTab out.");
            return null;
        }

        return new SaslGssapi { ServiceName = take("sasl.kerberos.service.name") ?? jaas?.Option("serviceName") ?? "kafka" };
    }

    private ISaslMechanism? Refuse(string fault)
    {
        faults.Add(fault);
        return null;
    }
}
