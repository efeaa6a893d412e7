using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Tests.Op.EnvPacks;

/// <summary>The registry knows the env-pack, the store reads its list: neither may reference the other, so their names are compared here.</summary>
public class The_revocation_list_has_one_name
{
    [Fact]
    public void What_can_be_bound_is_what_is_read() =>
        BuiltInPacks.All.Single(pack => pack.Slot == CapabilitySlot.Revocation).DescriptorPath.ShouldBe(RevocationList.KindPath);
}
