using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks.Tests.Registry;

public class Handlers_are_found_by_path
{
    private readonly EnvPackRegistry _registry = EnvPackRegistry.WithBuiltIns();

    [Fact, Trait("fact", "env-packs:12.3")]
    public void Every_default_binding_has_a_handler_of_its_slot()
    {
        var defaults = EnvironmentVerbs.CreateLocal(null).Packs;
        defaults.Length.ShouldBe(5);
        foreach (var binding in defaults)
        {
            _registry.ResolveForSlot(binding.Slot, binding.Kind).TryGet(out var handler, out var error).ShouldBeTrue(error?.Message);
            handler!.DescriptorPath.ShouldBe(binding.Kind.Path);
        }
    }

    [Fact, Trait("fact", "env-packs:12.3")]
    public void An_unknown_path_and_a_version_out_of_range_are_told_apart()
    {
        _registry.Resolve(Kind("greentic.nope.x@1.0.0")).Error.ShouldBeOfType<RegistryError.Unknown>();
        var skewed = _registry.Resolve(Kind("greentic.deployer.k8s@2.0.0")).Error.ShouldBeOfType<RegistryError.VersionUnsupported>();
        skewed.Requested.ShouldBe("2.0.0");
        skewed.Supported.ShouldBe(">=1.0.0-dev, <2.0.0");
    }

    [Fact, Trait("fact", "env-packs:12.4")]
    public void A_pack_fits_its_slot_and_no_other()
    {
        var mismatch = _registry.ResolveForSlot(CapabilitySlot.Secrets, Kind("greentic.deployer.k8s@1.0.0")).Error.ShouldBeOfType<RegistryError.SlotMismatch>();
        mismatch.Expected.ShouldBe(CapabilitySlot.Secrets);
        mismatch.Actual.ShouldBe(CapabilitySlot.Deployer);
    }

    [Fact, Trait("fact", "env-packs:12.5")]
    public void A_path_is_registered_once_and_a_deployer_says_what_it_needs()
    {
        var registry = new EnvPackRegistry();
        registry.Register(new Plain("acme.state.memory", CapabilitySlot.State)).ShouldBeNull();
        registry.Register(new Plain("acme.state.memory", CapabilitySlot.Sessions)).ShouldBe(RegistrationError.DuplicateRegistration);
        registry.Register(new Plain("acme.deployer.x", CapabilitySlot.Deployer)).ShouldBe(RegistrationError.DeployerMissingCredentials);
        registry.Handlers.Count.ShouldBe(1);
    }

    [Fact]
    public void The_published_example_of_the_dev_store_is_in_range() =>
        _registry.Resolve(Kind("greentic.secrets.dev-store@1.0.0")).Error.ShouldBeNull();

    [Fact]
    public void Handlers_are_ordered_by_path() =>
        _registry.Handlers.Select(handler => handler.DescriptorPath).ShouldBe(_registry.Handlers.Select(handler => handler.DescriptorPath).Order(StringComparer.Ordinal));

    private static PackDescriptor Kind(string text) => Descriptors.Read(text).Value;

    private sealed class Plain(string path, CapabilitySlot slot) : IEnvPackHandler
    {
        public CapabilitySlot Slot => slot;

        public string DescriptorPath => path;

        public VersionRange SupportedVersions { get; } = VersionRange.Parse("^1.0.0");

        public QuestionForm? Questions => null;

        public IDeployerCredentials? Credentials => null;

        public string? FindFault(PackAnswers answers) => null;

        public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];
    }
}
