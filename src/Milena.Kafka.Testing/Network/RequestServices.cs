using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.Quotas;
using Milena.Kafka.Testing.Security;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Network;

/// <summary>What the brokers of a cluster share to serve requests.</summary>
internal sealed record RequestServices(
    ServedApis Served,
    HandlerTable Handlers,
    FaultPlan Faults,
    RequestJournal Journal,
    Incidents Incidents,
    BrokerSecurity Security,
    RequestQuotas Quotas,
    LogKeeper Logs);
