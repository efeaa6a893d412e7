namespace Gtc.Conformance;

/// <summary>A deployer that is to be tested, and how to make fresh ones.</summary>
public interface IConformanceTarget
{
    /// <summary>What it is called in the report.</summary>
    string Name { get; }

    /// <summary>What it does.</summary>
    DeployerCapabilities Capabilities { get; }

    /// <summary>A deployer whose provider holds nothing.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken);
}
