namespace Gtc.Model.Tests.Bindings;

public sealed class A_binding_changes
{
    [Fact]
    public void A_slot_is_bound_updated_and_rolled_back_once()
    {
        var added = PackVerbs.Add(Sample.Empty(), Pack("greentic.a@1.0.0")).Value;
        added.Generation.ShouldBe(0ul);
        PackVerbs.Add(added.Document, Pack("greentic.a@1.0.0")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var updated = PackVerbs.Update(added.Document, Pack("greentic.b@1.0.0")).Value;
        (updated.Generation, updated.Binding.PreviousBindingRef is not null).ShouldBe((1ul, true));
        var back = PackVerbs.Rollback(updated.Document, CapabilitySlot.Deployer).Value;
        (back.Generation, back.Binding.Kind.ToString(), back.Binding.PreviousBindingRef).ShouldBe((2ul, "greentic.a@1.0.0", null));
        PackVerbs.Rollback(back.Document, CapabilitySlot.Deployer).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var removed = PackVerbs.Remove(back.Document, CapabilitySlot.Deployer).Value;
        (removed.Generation, removed.Document.Packs.Length).ShouldBe((2ul, 0));
    }

    [Fact]
    public void What_is_not_bound_is_missing()
    {
        PackVerbs.Update(Sample.Empty(), Pack("greentic.a@1.0.0")).Refusal.ShouldBeOfType<Refusal.Missing>();
        PackVerbs.Remove(Sample.Empty(), CapabilitySlot.State).Refusal.ShouldBeOfType<Refusal.Missing>();
        PackVerbs.Rollback(Sample.Empty(), CapabilitySlot.State).Refusal.ShouldBeOfType<Refusal.Missing>();
        ExtensionVerbs.Remove(Sample.Empty(), new ExtensionKey("a.b", null)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Theory]
    [InlineData(CapabilitySlot.Messaging, "messaging endpoint")]
    [InlineData(CapabilitySlot.Extension, "extensions")]
    public void Slots_with_a_noun_of_their_own_are_refused_by_name(CapabilitySlot slot, string noun) =>
        PackVerbs.Add(Sample.Empty(), Pack("greentic.a@1.0.0") with { Slot = slot }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain(noun);

    [Fact]
    public void A_generation_at_its_end_is_refused()
    {
        var full = PackVerbs.Add(Sample.Empty(), Pack("greentic.a@1.0.0") with { Generation = ulong.MaxValue }).Value.Document;
        PackVerbs.Update(full, Pack("greentic.b@1.0.0")).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void An_extension_is_known_by_path_and_instance()
    {
        var document = ExtensionVerbs.Add(Sample.Empty(), Extension("greentic.mem@1.0.0", null)).Value.Document;
        document = ExtensionVerbs.Add(document, Extension("greentic.mem@1.0.0", "eu")).Value.Document;
        ExtensionVerbs.Add(document, Extension("greentic.mem@2.0.0", "eu")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var key = new ExtensionKey("greentic.mem", "eu");
        ExtensionVerbs.Update(document, key, Extension("greentic.mem@2.0.0", null)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        var updated = ExtensionVerbs.Update(document, key, Extension("greentic.mem@2.0.0", "eu")).Value;
        ExtensionVerbs.Rollback(updated.Document, key).Value.Binding.Kind.Version.ShouldBe("1.0.0");
        ExtensionVerbs.Add(document, Extension("greentic.mem@1.0.0", "EU")).Refusal.ShouldBeOfType<Refusal.InvalidDocument>();
    }

    [Fact]
    public void A_migration_adds_what_is_free_and_replaces_nothing()
    {
        var command = new MigrateBindings { Packs = [Pack("greentic.b@1.0.0"), Pack("greentic.s@1.0.0") with { Slot = CapabilitySlot.State }], Extensions = [Extension("greentic.mem@1.0.0", "eu")] };
        var target = PackVerbs.Add(Sample.Empty("prod"), Pack("greentic.a@1.0.0")).Value.Document;
        var merged = BindingMigration.Migrate(target.EnvironmentId, target, command).Value;
        merged.MergedSlots.ShouldBe([CapabilitySlot.State]);
        merged.MergedExtensions.ShouldBe(["greentic.mem/eu"]);
        merged.Document.Packs[0].Kind.ToString().ShouldBe("greentic.a@1.0.0");
        BindingMigration.Migrate(Sample.Env("new"), null, command).Refusal.ShouldBeOfType<Refusal.Missing>();
        var seed = new MigrationSeed(new HostConfig { EnvId = EnvId.Local, Region = "eu" }, new RevocationConfig(), new RetentionPolicy(), new HealthStatus());
        var made = BindingMigration.Migrate(Sample.Env("new"), null, command with { SeedIfMissing = seed }).Value.Document;
        (made.Name, made.HostConfig.EnvId.ToString(), made.HostConfig.Region, made.Packs.Length).ShouldBe(("new", "new", "eu", 2));
    }

    [Theory]
    [InlineData("trust-root.json")]
    [InlineData("revocation.json")]
    [InlineData(".greentic/dev/.dev.secrets.env")]
    [InlineData("env-packs/state/answers.json")]
    [InlineData("env-packs/deployer/../../trust-root.json")]
    [InlineData("")]
    public void A_binding_names_no_answers_but_its_own(string reference)
    {
        var pack = Pack("greentic.a@1.0.0");
        var refused = PackVerbs.Add(Sample.Empty(), pack with { AnswersRef = reference }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        refused.Message.ShouldContain("`env-packs/deployer/answers.json`");
        var bound = PackVerbs.Add(Sample.Empty(), pack with { AnswersRef = "env-packs/deployer/answers.json" }).Value.Document;
        PackVerbs.Update(bound, pack with { AnswersRef = reference }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        var extension = Extension("greentic.mem@1.0.0", "eu");
        var key = ExtensionKey.Of(extension);
        ExtensionVerbs.Add(Sample.Empty(), extension with { AnswersRef = reference }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("`extensions/greentic.mem-eu/answers.json`");
        var extended = ExtensionVerbs.Add(Sample.Empty(), extension with { AnswersRef = "extensions/greentic.mem-eu/answers.json" }).Value.Document;
        ExtensionVerbs.Update(extended, key, extension with { AnswersRef = reference }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public void What_an_environment_came_with_may_stay_while_other_things_change()
    {
        var document = Sample.Empty() with { Packs = [Pack("greentic.a@1.0.0") with { AnswersRef = "k8s.json" }] };
        PackVerbs.Update(document, Pack("greentic.a@1.1.0") with { AnswersRef = "k8s.json" }).IsOk.ShouldBeTrue();
    }

    private static EnvPackBinding Pack(string kind) => new() { Slot = CapabilitySlot.Deployer, Kind = Kind(kind), PackRef = "builtin" };

    private static ExtensionBinding Extension(string kind, string? instance) => new() { Kind = Kind(kind), PackRef = "builtin", InstanceId = instance };

    private static PackDescriptor Kind(string text) => PackDescriptor.TryParse(text, out var kind) ? kind : throw new ArgumentException(text);
}
