using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Why a descriptor has no handler (env-packs.md §6).</summary>
public abstract record RegistryError
{
    private RegistryError()
    {
    }

    /// <summary>The sentence for people.</summary>
    public abstract string Message { get; }

    /// <summary>Nobody handles the path.</summary>
    /// <param name="Kind">What was asked for.</param>
    public sealed record Unknown(PackDescriptor Kind) : RegistryError
    {
        /// <inheritdoc/>
        public override string Message => $"no env-pack of kind `{Kind.Path}` is built in or installed";
    }

    /// <summary>The path is handled, this version of it is not.</summary>
    /// <param name="Kind">What was asked for.</param>
    /// <param name="Requested">The version of it.</param>
    /// <param name="Supported">The range that is handled.</param>
    public sealed record VersionUnsupported(PackDescriptor Kind, string Requested, string Supported) : RegistryError
    {
        /// <inheritdoc/>
        public override string Message => $"version {Requested} of `{Kind.Path}` is not supported; {Supported} is";
    }

    /// <summary>The pack is for another slot.</summary>
    /// <param name="Kind">What was asked for.</param>
    /// <param name="Expected">The slot that it was to fill.</param>
    /// <param name="Actual">The slot that it fits.</param>
    public sealed record SlotMismatch(PackDescriptor Kind, CapabilitySlot Expected, CapabilitySlot Actual) : RegistryError
    {
        /// <inheritdoc/>
        public override string Message => $"`{Kind}` fits slot `{PackVerbs.Text(Actual)}`, not `{PackVerbs.Text(Expected)}`";
    }

    /// <summary>The pack is installed, but it cannot be believed or started.</summary>
    /// <param name="Kind">What was asked for.</param>
    /// <param name="Why">What is wrong with it.</param>
    public sealed record Unusable(PackDescriptor Kind, string Why) : RegistryError
    {
        /// <inheritdoc/>
        public override string Message => $"the installed env-pack `{Kind}` cannot be used: {Why}";
    }
}

/// <summary>Why a handler cannot be registered (env-packs.md §6).</summary>
public enum RegistrationError
{
    /// <summary>The path has a handler already.</summary>
    DuplicateRegistration,

    /// <summary>A deployer must say what it needs of the platform.</summary>
    DeployerMissingCredentials,
}
