namespace Gtc.Cli.Op.Clusters;

/// <summary>What is taken of an environment's own secrets to render it.</summary>
internal enum SecretContent
{
    /// <summary>Nothing: objects are looked at.</summary>
    LeftOut,

    /// <summary>What is there; what would be made stands in for itself and is not kept, as a dry run wants it.</summary>
    AsItIs,

    /// <summary>What is there, and what is missing is made: the objects are for a cluster.</summary>
    Completed,
}
