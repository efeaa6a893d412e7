using Gtc.Model;

namespace Gtc.Store;

/// <summary>Something that a person should know although the store went on, e.g. a torn journal line that was cut.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Message">A sentence without a final full stop, with the file that it is about.</param>
public sealed record StoreWarning(EnvId Environment, string Message);
