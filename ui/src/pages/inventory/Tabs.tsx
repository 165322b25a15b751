// The parts of the inventory: hosts, where one belongs, teams.
import { NavLink } from 'react-router';
import classes from './Inventory.module.css';

const PARTS = [
  { to: '/inventory', title: 'Hosts' },
  { to: '/inventory/locate', title: 'Where a host belongs' },
  { to: '/teams', title: 'Teams' },
];

export function Tabs() {
  return (
    <nav aria-label="Parts of the inventory" className={classes.tabs}>
      {PARTS.map((part) => (
        <NavLink key={part.to} to={part.to} end={part.to === '/inventory'} className={classes.tab}>
          {part.title}
        </NavLink>
      ))}
    </nav>
  );
}
