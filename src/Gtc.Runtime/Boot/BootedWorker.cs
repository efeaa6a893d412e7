using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>What the boot seam made ready.</summary>
/// <param name="Document">The environment.</param>
/// <param name="Activation">What answers.</param>
/// <param name="Problems">What was asked for and is not served, although something else is.</param>
internal sealed record BootedWorker(EnvironmentDocument Document, Activation Activation, ImmutableArray<string> Problems);
