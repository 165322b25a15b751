// What the signed-in person may do. The API decides; this only spares them a refusal.
import { type Role, type Session, useMe } from '@/api/session';

const ROLES: readonly Role[] = ['viewer', 'operator', 'author', 'admin'];

export function hasRole(session: Pick<Session, 'role'>, role: Role): boolean {
  return ROLES.indexOf(session.role) >= ROLES.indexOf(role);
}

export interface Permission {
  allowed: boolean;
  /** Why not, in a sentence; empty: allowed. */
  why: string;
}

/** `team`: whose alert, rule or silence is changed; an admin and who has no teams may all. */
export function permission(session: Pick<Session, 'role' | 'teams'>, role: Role, team?: string): Permission {
  if (!hasRole(session, role)) {
    return { allowed: false, why: `This needs the role ${role}; yours is ${session.role}.` };
  }
  const limited = session.role !== 'admin' && session.teams.length > 0;
  if (limited && team !== undefined && !session.teams.includes(team)) {
    return { allowed: false, why: `This is of the team ${team}; yours: ${session.teams.join(', ')}.` };
  }
  return { allowed: true, why: '' };
}

export function usePermission(role: Role, team?: string): Permission {
  return permission(useMe(), role, team);
}
