namespace Gtc.Store.Server.Tests.Contract;

/// <summary>A test of the contract: it has a lab of one engine and a client, and speaks HTTP only.</summary>
public abstract class ContractTest<TLab> : IAsyncLifetime
    where TLab : StoreLab, new()
{
    protected const string Env = "shop-eu";
    protected const string RevisionA = "01J8A1A1A1A1A1A1A1A1A1A1A1";
    protected const string RevisionB = "01J8B2B2B2B2B2B2B2B2B2B2B2";

    protected TLab Lab { get; } = new();

    protected StoreClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Client = await Lab.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
