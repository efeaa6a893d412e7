using System.Threading.Channels;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Broker;

/// <summary>What the agent needs of a broker. It may be away at any time; nothing here throws for that.</summary>
internal interface IFleetBroker
{
    /// <summary>Over which time devices come back after the broker was away.</summary>
    TimeSpan ReconnectWindow { set; }

    /// <summary>Connects, keeps the connection, and hands over what comes, until it is cancelled.</summary>
    Task RunAsync(ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken);

    /// <summary>Reads one key of <c>desired-state</c>.</summary>
    Task<BrokerRead> ReadDesiredAsync(string key, CancellationToken cancellationToken);

    /// <summary>Whether the broker has exactly these bytes under a key of <c>device-state</c>; null when it cannot be asked.</summary>
    Task<bool?> HasStateAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Writes a key.</summary>
    /// <returns>Null when the broker has it, otherwise why not.</returns>
    Task<string?> PutAsync(BucketSpec bucket, string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Marks a key as deleted.</summary>
    /// <returns>Null when the broker has it, otherwise why not.</returns>
    Task<string?> DeleteAsync(BucketSpec bucket, string key, CancellationToken cancellationToken);
}

/// <summary>What reading a key came to. A closed family.</summary>
internal abstract record BrokerRead
{
    private BrokerRead()
    {
    }

    /// <summary>The value.</summary>
    public sealed record Found(byte[] Bytes, long Seq) : BrokerRead;

    /// <summary>The key is not there, or is deleted.</summary>
    public sealed record Absent : BrokerRead;

    /// <summary>The broker could not be asked.</summary>
    public sealed record Failed(string Reason) : BrokerRead;
}

/// <summary>Something that the agent has to react to. A closed family.</summary>
internal abstract record AgentMessage
{
    private AgentMessage()
    {
    }

    /// <summary>The broker is there, from now on or again.</summary>
    public sealed record Connected(string Server) : AgentMessage;

    /// <summary>The broker is away.</summary>
    public sealed record Disconnected(string Reason) : AgentMessage;

    /// <summary>A key of <c>desired-state</c> changed. No bytes mean that it was deleted.</summary>
    public sealed record Desired(string Key, byte[] Bytes, long Seq) : AgentMessage;

    /// <summary>Somebody asks.</summary>
    /// <param name="Verb">What.</param>
    /// <param name="ReplyAsync">Takes the answer.</param>
    public sealed record Request(string Verb, Func<byte[], CancellationToken, Task> ReplyAsync) : AgentMessage;

    /// <summary>Something happened to a container.</summary>
    public sealed record Container(Gtc.Podman.ContainerEvent Event) : AgentMessage;

    /// <summary>The manifest is to be read although nothing happened.</summary>
    public sealed record ReadManifest : AgentMessage;

    /// <summary>Everything is to be looked at although nothing happened.</summary>
    public sealed record LookAround : AgentMessage;

    /// <summary>The loop that decides is to turn once, so that it can be seen to.</summary>
    public sealed record Pulse : AgentMessage;

    /// <summary>A deployment's containers are gone.</summary>
    public sealed record Gone(DeploymentName Name) : AgentMessage;
}
