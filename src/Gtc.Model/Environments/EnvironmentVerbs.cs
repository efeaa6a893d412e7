using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs on an environment itself (environment-model.md §4.4, store.md §4). Pure: no clock, no disk, no random number.</summary>
public static class EnvironmentVerbs
{
    /// <summary>The local-process deployer, bound by default.</summary>
    public const string LocalProcessDeployer = "greentic.deployer.local-process@0.1.0";

    /// <summary>What a fresh <c>local</c> environment binds, in slot order; <c>revocation</c> has no default.</summary>
    public static ImmutableArray<EnvPackBinding> DefaultBindings { get; } =
    [
        DefaultBinding(CapabilitySlot.Deployer, LocalProcessDeployer),
        DefaultBinding(CapabilitySlot.Secrets, "greentic.secrets.dev-store@0.1.0"),
        DefaultBinding(CapabilitySlot.Telemetry, "greentic.telemetry.stdout@0.1.0"),
        DefaultBinding(CapabilitySlot.Sessions, "greentic.sessions.in-memory@0.1.0"),
        DefaultBinding(CapabilitySlot.State, "greentic.state.in-memory@0.1.0"),
    ];

    /// <summary>An empty environment; the host's environment id is overwritten with <paramref name="id"/>.</summary>
    public static EnvironmentDocument Create(EnvId id, string name, HostConfig host) => new()
    {
        Schema = Schemas.Environment,
        EnvironmentId = id,
        Name = name,
        HostConfig = host with { EnvId = id },
    };

    /// <summary>As <see cref="Create"/>, for an id that a person chose: lower case only, since the paths of secrets know no upper case.</summary>
    public static Outcome<EnvironmentDocument> CreateNamed(EnvId id, string name, HostConfig host)
    {
        if (id.ToString().Any(char.IsAsciiLetterUpper))
        {
            return new Refusal.InvalidArgument($"environment id `{id}` must be lower case: the paths of its secrets are")
            {
                Next = $"gtc op env create {id.ToString().ToLowerInvariant()}",
            };
        }

        var created = Create(id, name, host);
        return Find.Sound(created, created);
    }

    /// <summary>Changes name and host. Refuses values that are not of their form.</summary>
    public static Outcome<EnvironmentDocument> Update(EnvironmentDocument document, UpdateEnvironment command)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (command.Name is { } name && string.IsNullOrWhiteSpace(name))
        {
            return new Refusal.InvalidArgument("name must not be blank");
        }

        return command.Patch(document.HostConfig).Then(host =>
        {
            var updated = document with { Name = command.Name ?? document.Name, HostConfig = host };
            return Find.Sound(updated, updated);
        });
    }

    /// <summary>A fresh <c>local</c> environment with its default env-packs, as <c>env init</c> makes it.</summary>
    public static EnvironmentDocument CreateLocal(string? publicBaseUrl = null) => AddMissingDefaults(Create(
        EnvId.Local,
        EnvId.Local.ToString(),
        new HostConfig { EnvId = EnvId.Local, ListenAddr = HostConfig.DefaultListenAddr, PublicBaseUrl = publicBaseUrl })).Document;

    /// <summary>Binds the default env-pack in every slot that is free; what is bound stays as it is.</summary>
    /// <returns>The document and the slots that were added, none when nothing changed.</returns>
    public static (EnvironmentDocument Document, ImmutableArray<CapabilitySlot> Added) AddMissingDefaults(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var bound = document.Packs.Select(binding => binding.Slot).ToHashSet();
        var missing = DefaultBindings.Where(binding => !bound.Contains(binding.Slot)).ToImmutableArray();
        return (document with { Packs = document.Packs.AddRange(missing) }, [.. missing.Select(binding => binding.Slot)]);
    }

    /// <summary>The environment of one machine, made or healed: what it lacks of the default env-packs is bound.</summary>
    /// <param name="current">The environment, or null when there is none.</param>
    /// <param name="publicBaseUrl">By which origin the world reaches a new one; that of one that exists is not changed.</param>
    public static Outcome<HealedEnvironment> Heal(EnvironmentDocument? current, string? publicBaseUrl)
    {
        if (current is null)
        {
            return new HealedEnvironment(CreateLocal(publicBaseUrl), "created", []);
        }

        if (publicBaseUrl is not null && current.HostConfig.PublicBaseUrl != publicBaseUrl)
        {
            return new Refusal.InvalidArgument($"environment `{current.EnvironmentId}` exists already; a public url is only taken when it is created")
            {
                Details = [new("expected", current.HostConfig.PublicBaseUrl ?? "none"), new("found", publicBaseUrl)],
            };
        }

        var (document, added) = AddMissingDefaults(current);
        return new HealedEnvironment(document, added.IsEmpty ? "untouched" : "healed", added);
    }

    private static EnvPackBinding DefaultBinding(CapabilitySlot slot, string kind) =>
        PackDescriptor.TryParse(kind, out var descriptor)
            ? new EnvPackBinding { Slot = slot, Kind = descriptor, PackRef = kind }
            : throw new InvalidOperationException($"`{kind}` is not a pack descriptor.");
}
